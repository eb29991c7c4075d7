import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import { emailKey } from '../accounts/account.js';

const RECIPIENT = `u.id, u.email, u.username, u.wanted_email AS "wantedEmail",
  u.email_verified_at IS NOT NULL AS verified, u.deleted_at IS NOT NULL AS deleted`;

const byId = statement(
  'mailRecipients.byId',
  `SELECT ${RECIPIENT} FROM auth.users u WHERE u.tenant_id = $1 AND u.id = $2`,
);
const byEmail = statement(
  'mailRecipients.byEmail',
  `SELECT ${RECIPIENT} FROM auth.users u WHERE u.tenant_id = $1 AND u.email_key = $2`,
);
/** The row is locked: of two jobs at the same time one finds the other's. */
const claim = statement(
  'mailRecipients.claim',
  `INSERT INTO auth.mail_pace AS pace (user_id, template, job, sent_at) VALUES ($1, $2, $3, now())
   ON CONFLICT (user_id, template) DO UPDATE SET job = excluded.job, sent_at = excluded.sent_at
   WHERE pace.job = excluded.job OR pace.sent_at < now() - interval '60 seconds'`,
);
const prunePace = statement(
  'mailRecipients.prunePace',
  `DELETE FROM auth.mail_pace WHERE sent_at < now() - interval '60 seconds' AND (user_id, template) IN (
     SELECT user_id, template FROM auth.mail_pace WHERE sent_at < now() - interval '60 seconds' LIMIT $1
   )`,
);

/** An account as far as mails are concerned. */
export interface Recipient {
  id: string;
  email: string;
  username: string;
  /** The address that it is to have, once that is proved. */
  wantedEmail: string | null;
  /** Whether the address was proved. */
  verified: boolean;
  deleted: boolean;
}

/** Of which an account causes one a minute. */
export interface PacedMail {
  userId: string;
  template: string;
  /** Where it goes, unless that is the address of the account. */
  email?: string | undefined;
}

/** Whom mails go to, read when they are sent. */
export abstract class RecipientsRepository {
  abstract byId(tenantId: string, id: string): Promise<Recipient | undefined>;
  abstract byEmail(tenantId: string, email: string): Promise<Recipient | undefined>;
  /** @returns false when another job sent the account the same mail, to the same address, within the last minute */
  abstract claim(mail: PacedMail, job: string): Promise<boolean>;
  /** Forgets which mails were sent more than a minute ago, at most `limit`. @returns how many */
  abstract prunePace(limit: number): Promise<number>;
}

@Injectable()
export class PgRecipientsRepository extends RecipientsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async byId(tenantId: string, id: string): Promise<Recipient | undefined> {
    const values = [tenantId, id];
    return (await this.database.readFresh<Recipient & Record<string, unknown>>(byId, values))[0];
  }

  async byEmail(tenantId: string, email: string): Promise<Recipient | undefined> {
    const values = [tenantId, emailKey(email)];
    return (await this.database.readFresh<Recipient & Record<string, unknown>>(byEmail, values))[0];
  }

  async claim({ userId, template, email }: PacedMail, job: string): Promise<boolean> {
    // An address that is nobody's yet is not kept, only told from others.
    const mail = email === undefined ? template : `${template} ${hash(emailKey(email))}`;
    return (await this.database.execute(claim, [userId, mail, job])) > 0;
  }

  prunePace(limit: number): Promise<number> {
    return this.database.execute(prunePace, [limit]);
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
