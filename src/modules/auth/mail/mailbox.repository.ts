import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';

/** The newest 100 stay; the one that is inserted is not among those that the statement sees. */
const keep = statement(
  'mailbox.keep',
  `WITH old AS (
     DELETE FROM auth.mailbox WHERE id IN (SELECT id FROM auth.mailbox ORDER BY id DESC OFFSET 99)
   )
   INSERT INTO auth.mailbox (id, recipient, subject, body) VALUES ($1, $2, $3, $4)`,
);
const list = statement(
  'mailbox.list',
  `SELECT id, recipient AS "to", subject, body AS text, created_at AS "createdAt" FROM auth.mailbox
   WHERE $1::uuid IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
);

/** A mail that was not sent, as it was kept. */
export interface KeptMail {
  id: string;
  to: string;
  subject: string;
  text: string;
  createdAt: Date;
}

/** Mails of a machine without a mail server. */
export abstract class MailboxRepository {
  abstract keep(to: string, subject: string, text: string): Promise<void>;
  /** Newest first. */
  abstract list(before: string | undefined, limit: number): Promise<KeptMail[]>;
}

@Injectable()
export class PgMailboxRepository extends MailboxRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async keep(to: string, subject: string, text: string): Promise<void> {
    await this.database.execute(keep, [uuidv7(), to, subject, text]);
  }

  list(before: string | undefined, limit: number): Promise<KeptMail[]> {
    const values = [before ?? null, limit];
    return this.database.readFresh<KeptMail & Record<string, unknown>>(list, values);
  }
}
