import type { AuditEventName } from '../audit/audit-events.js';
import type { Purpose } from '../one-time-tokens/one-time-token.js';

/** What a mail can tell. All of it is text, and none of it was chosen freely by a stranger. */
export interface Facts {
  /** When it was, for people: `20 November 2026, 16:45 UTC`. */
  at: string;
  /** From where: address and device, as far as they are known. */
  from: string;
  /** How long a deleted account can be restored: `30 days`. */
  restorable: string;
  /** Whether the account is deleted, and can still be restored. */
  isDeleted: boolean;
}

/** One mail. */
export interface Template {
  subject: string;
  /** Its paragraphs; the link stands after the first one. */
  text(facts: Facts): [string, ...string[]];
  /** A link with a token for this purpose, to this page below `mail.linkUrl`. */
  link?: { purpose: Purpose; page: 'verify-email' | 'reset-password'; label: string };
  /**
   * At most one a minute for an account, because whoever knows its address can cause it; `address`: to one
   * address, because the next one may be the right one (how many, the limits `auth` and `api` bound). What
   * tells an owner of something that was done always goes out: a second one may be the one that matters.
   */
  paced?: 'account' | 'address';
  /** What sending it means to the audit log, where the request could not tell whom it was about. */
  event?: AuditEventName;
}

const ONCE = 'The link is good once, for 10 minutes.';
const IGNORE = 'If it was not you, there is nothing to do: without the link nothing changes.';
const NOT_YOU =
  'If it was not you, reset your password now («forgot password»): that ends all sessions and API keys.';

const cause = ({ at, from }: Facts): string => `This was asked for on ${at}${from}.`;
const event = ({ at, from }: Facts): string => `It was on ${at}${from}.`;

/** Every mail there is. */
export const templates = {
  'email-verification': {
    subject: 'Confirm your e-mail address',
    text: (facts) => [
      'Please confirm that this e-mail address is yours.',
      ONCE,
      `${cause(facts)} If you did not create an account, there is nothing to do.`,
    ],
    link: { purpose: 'email_verification', page: 'verify-email', label: 'Confirm the address' },
    paced: 'account',
  },
  'email-change': {
    subject: 'Confirm your new e-mail address',
    text: (facts) => [
      'Please confirm that this is the new e-mail address of your account.',
      ONCE,
      `${cause(facts)} ${IGNORE}`,
    ],
    link: { purpose: 'email_change', page: 'verify-email', label: 'Confirm the new address' },
    paced: 'address',
  },
  'password-reset': {
    subject: 'Reset your password',
    text: (facts) => [
      'With this link you choose a new password. All sessions and API keys end then.',
      ONCE,
      `${cause(facts)} ${IGNORE}`,
    ],
    link: { purpose: 'password_reset', page: 'reset-password', label: 'Choose a new password' },
    paced: 'account',
    event: 'password.reset_requested',
  },
  'registration-attempt': {
    subject: 'Someone tried to register with your address',
    text: (facts) => [
      'Someone tried to create an account with this e-mail address, which already has one.',
      facts.isDeleted
        ? `It was deleted, and holds the address for ${facts.restorable} from then on. If it was you: whoever runs this service can restore it until then. If not, there is nothing to do.`
        : 'If it was you: log in, or reset your password («forgot password»). If not, there is nothing to do.',
      event(facts),
    ],
    paced: 'account',
  },
  'new-device': {
    subject: 'A login from a new device',
    text: (facts) => [
      'Somebody logged in to your account from a device that it was not used on before.',
      event(facts),
      `If it was you, there is nothing to do. ${NOT_YOU}`,
    ],
  },
  'password-changed': {
    subject: 'Your password was changed',
    text: (facts) => [
      'The password of your account was changed, and other sessions were ended.',
      event(facts),
      NOT_YOU,
    ],
  },
  'api-key-created': {
    subject: 'An API key was made for your account',
    text: (facts) => [
      'Somebody who was logged in to your account made an API key, with which programs can use it.',
      event(facts),
      `If it was you, there is nothing to do. ${NOT_YOU}`,
    ],
  },
  'identity-linked': {
    subject: 'Another way to sign in to your account',
    text: (facts) => [
      'An account with another provider was linked to yours. Whoever signs in there is logged in to your account.',
      event(facts),
      `If it was you, there is nothing to do. ${NOT_YOU} Then unlink that account.`,
    ],
  },
  'email-changed': {
    subject: 'Your e-mail address was changed',
    text: (facts) => [
      'Your account has another e-mail address from now on. This one is not used for it any more.',
      event(facts),
      'If it was not you, tell whoever runs this service at once: they can close the account to whoever did.',
    ],
  },
  'account-deleted': {
    subject: 'Your account was deleted',
    text: (facts) => [
      `Your account was deleted. For ${facts.restorable} it can still be restored, then it is gone for good.`,
      event(facts),
      'If it was not you, tell whoever runs this service within that time.',
    ],
  },
} as const satisfies Record<string, Template>;

export type TemplateName = keyof typeof templates;
