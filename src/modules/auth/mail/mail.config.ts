import { z } from 'zod';
import { defineSection, type ConfigOf } from '../../../platform/config/section.js';

/** Outgoing mail. */
export const mailConfig = defineSection(
  'mail',
  {
    smtpUrl: z
      .string()
      .regex(/^smtps?:\/\/.+/, 'expected smtp://user:password@host:port')
      .optional()
      .meta({
        env: 'SMTP_URL',
        secret: true,
        description:
          'The mail server. Without it mails are kept for /ops/mailbox, the newest 100; in production they are dropped.',
      }),
    from: z
      .string()
      .min(3)
      .default('Mainstay <no-reply@localhost>')
      .meta({ description: 'The sender of mails.' }),
    linkUrl: z
      .string()
      .regex(/^https?:\/\/[^\s?#"<>]+$/, 'expected an address, e.g. https://app.example.com')
      .optional()
      .meta({
        env: 'PUBLIC_URL',
        description:
          'What the links in mails begin with: `<linkUrl>/verify-email` and `<linkUrl>/reset-password`. Without it the address of the process itself.',
      }),
  },
  ({ smtpUrl, linkUrl }): Record<string, string> =>
    smtpUrl !== undefined && linkUrl === undefined
      ? { linkUrl: 'required in production where mail is sent (PUBLIC_URL): links lead there' }
      : {},
);
export type MailConfig = ConfigOf<typeof mailConfig>;
