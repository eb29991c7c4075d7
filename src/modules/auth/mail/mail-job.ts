import type { TemplateName } from './templates.js';

/** The queue of outgoing mail. */
export const MAIL_QUEUE = 'auth.mail';

/**
 * A mail server may be away for most of a day: about sixteen hours of attempts. Several at a time, as many
 * as may speak to it at once: whoever floods the queue must not make others wait for their links. What is
 * done is soon forgotten: anyone may type the address of a stranger.
 */
export const MAIL_PATIENCE = { retryLimit: 100, retryDelayMax: 600, atOnce: 5, keepSeconds: 3600 };

/**
 * A mail that is to be sent. It holds no token, and an address only where no account has it (any
 * more): whom it goes to, and whether at all, is found out when it is sent.
 */
export interface Mail {
  template: TemplateName;
  tenantId: string;
  /** The account that it concerns; without `email` it is sent to the account's address. */
  userId?: string;
  /**
   * With `userId` the address to send it to, e.g. one that is to be proved. Alone: the mail goes to
   * the account of that address, as the account spells it, or to nobody.
   */
  email?: string;
}

/** What is told of the request that caused a mail. */
export interface Occasion {
  /** RFC 3339. */
  at: string;
  ip: string | null;
  /** Its `User-Agent`. Anyone may write anything into it: it is never quoted. */
  device: string | null;
  /** The session that asked for it, where one did. */
  sessionId: string | null;
}

/** A mail as it waits in its job. */
export type MailJob = Mail & { occasion: Occasion };
