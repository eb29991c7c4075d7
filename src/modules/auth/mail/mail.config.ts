import { z } from 'zod';
import { defineSection, type ConfigOf } from '../../../platform/config/section.js';

/** Outgoing mail. */
export const mailConfig = defineSection('mail', {
  smtpUrl: z
    .string()
    .regex(/^smtps?:\/\/.+/, 'expected smtp://user:password@host:port')
    .optional()
    .meta({
      env: 'SMTP_URL',
      secret: true,
      description:
        'The mail server. Without it mails are kept in the queue’s history (table jobs.job) and not sent.',
    }),
  from: z
    .string()
    .min(3)
    .default('Mainstay <no-reply@localhost>')
    .meta({ description: 'The sender of mails.' }),
});
export type MailConfig = ConfigOf<typeof mailConfig>;
