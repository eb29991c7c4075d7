import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import { emailKey } from '../accounts/account.js';

const RECIPIENT = `u.id, u.email, u.username, u.email_verified_at IS NOT NULL AS verified,
  u.deleted_at IS NOT NULL AS deleted`;

const byId = statement(
  'mailRecipients.byId',
  `SELECT ${RECIPIENT} FROM auth.users u WHERE u.tenant_id = $1 AND u.id = $2`,
);
const byEmail = statement(
  'mailRecipients.byEmail',
  `SELECT ${RECIPIENT} FROM auth.users u WHERE u.tenant_id = $1 AND u.email_key = $2`,
);
const isOpen = statement(
  'mailRecipients.isSessionOpen',
  'SELECT 1 FROM auth.sessions WHERE id = $1 AND ended_at IS NULL AND expires_at > now()',
);
/** The row is locked: of two jobs at the same time one finds the other's. */
const claim = statement(
  'mailRecipients.claim',
  `INSERT INTO auth.mail_pace AS pace (user_id, template, job, sent_at) VALUES ($1, $2, $3, now())
   ON CONFLICT (user_id, template) DO UPDATE SET job = excluded.job, sent_at = excluded.sent_at
   WHERE pace.job = excluded.job OR pace.sent_at < now() - interval '60 seconds'`,
);

/** An account as far as mails are concerned. */
export interface Recipient {
  id: string;
  email: string;
  username: string;
  /** Whether the address was proved. */
  verified: boolean;
  deleted: boolean;
}

/** Whom mails go to, read when they are sent. */
export abstract class RecipientsRepository {
  abstract byId(tenantId: string, id: string): Promise<Recipient | undefined>;
  abstract byEmail(tenantId: string, email: string): Promise<Recipient | undefined>;
  abstract isSessionOpen(sessionId: string): Promise<boolean>;
  /** @returns false when another job sent the account the same mail within the last minute */
  abstract claim(userId: string, template: string, job: string): Promise<boolean>;
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

  async isSessionOpen(sessionId: string): Promise<boolean> {
    return (await this.database.readFresh(isOpen, [sessionId])).length > 0;
  }

  async claim(userId: string, template: string, job: string): Promise<boolean> {
    return (await this.database.execute(claim, [userId, template, job])) > 0;
  }
}
