import { levelOf } from '../../platform/errors/outage.js';
import { loggerOf } from '../../platform/logging/logger.js';
import { counter, gauge } from '../../platform/metrics/metrics.js';

const log = loggerOf('auth');

const registrations = counter('user_registrations_total', 'Accounts created.');
const logins = counter('logins_total', 'Logins that were judged, by result.', ['result']);
const slowed = counter(
  'password_attempts_slowed_total',
  'Attempts at a password that had to wait for their turn: many guess at the account.',
);
const replays = counter(
  'refresh_tokens_replayed_total',
  'Old refresh tokens that came back, and ended their session.',
);

const usersActive = gauge(
  'users_active',
  'Users seen within the window, in the whole deployment.',
  ['window'],
);

/** One call an event: a counter with few labels, a log record with the detail. */
export const authTelemetry = {
  registered(userId: string): void {
    registrations.inc();
    log.info({ event: 'user_registered', user_id: userId }, 'account created');
  },
  accountDeleted(userId: string): void {
    log.info({ event: 'account_deleted', user_id: userId }, 'account deleted; it can be restored');
  },
  accountsPurged(count: number): void {
    log.info({ event: 'accounts_purged', count }, 'deleted accounts are gone for good');
  },
  loggedIn(userId: string): void {
    logins.inc({ result: 'success' });
    log.info({ event: 'login', user_id: userId }, 'logged in');
  },
  loginRefused(): void {
    logins.inc({ result: 'refused' });
    log.warn({ event: 'login_refused' }, 'login refused');
  },
  /** @param reason a code, never what the provider says */
  oauthRefused(provider: string, reason: string): void {
    logins.inc({ result: 'refused' });
    log.warn({ event: 'oauth_refused', provider, reason }, 'sign-in elsewhere refused');
  },
  /** Many guess at the account: the attempt waits for its turn. */
  loginSlowed(): void {
    slowed.inc();
    log.warn({ event: 'login_slowed' }, 'login slowed: too many failures of one account');
  },
  passwordNotUpgraded(error: unknown): void {
    log.at(
      levelOf(error),
      { err: error, event: 'password_not_upgraded' },
      'the hash of a password could not be replaced by a stronger one; the next login tries again',
    );
  },
  refreshReplayed(sessionId: string): void {
    replays.inc();
    log.warn(
      { event: 'refresh_replayed', session_id: sessionId },
      'an old refresh token was used: session ended',
    );
  },
  active({ last5m, last24h }: { last5m: number; last24h: number }): void {
    usersActive.set({ window: '5m' }, last5m);
    usersActive.set({ window: '24h' }, last24h);
  },
  activeNotCounted(error: unknown): void {
    log.at(
      levelOf(error),
      { err: error, event: 'users_not_counted' },
      'the active users could not be counted',
    );
  },
  activityNotReported(error: unknown): void {
    log.at(
      levelOf(error),
      { err: error, event: 'activity_not_reported' },
      'when sessions were last used could not be noted',
    );
  },
  revocationsNotRead(error: unknown): void {
    log.at(
      levelOf(error),
      { err: error, event: 'revocations_not_read' },
      'what was just revoked could not be read back; it is tried again',
    );
  },
  keyCreated(kid: string): void {
    log.info({ event: 'signing_key_created', kid }, 'signing key created');
  },
  keysNotRead(error: unknown): void {
    log.at(
      levelOf(error),
      { err: error, event: 'signing_keys_not_read' },
      'the signing keys could not be read; those at hand go on',
    );
  },
  keyGone(kid: string): void {
    log.info({ event: 'signing_key_gone', kid }, 'a retired signing key is gone');
  },
  mailSent(template: string, kept: boolean): void {
    log.info(
      { event: 'mail_sent', template, kept },
      kept ? 'mail kept for /ops/mailbox: no SMTP_URL is set' : 'mail sent',
    );
  },
  mailUnsent(template: string, reason: string): void {
    log.info({ event: 'mail_not_sent', template, reason }, 'mail not sent');
  },
  mailIsOff(): void {
    log.warn(
      { event: 'mail_is_off' },
      'no SMTP_URL is set: mails are dropped, so nobody can verify an address or reset a password',
    );
  },
};
