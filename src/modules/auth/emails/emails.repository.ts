import { Injectable } from '@nestjs/common';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { emailKey } from '../accounts/account.js';

const verify = statement(
  'emails.verify',
  `UPDATE auth.users SET email_verified_at = now(), updated_at = now()
   WHERE tenant_id = $1 AND id = $2 AND email = $3 AND email_verified_at IS NULL`,
);
const want = statement(
  'emails.want',
  `UPDATE auth.users SET wanted_email = $3 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL`,
);
const change = statement(
  'emails.change',
  `UPDATE auth.users u SET email = $3, email_key = $4, email_verified_at = now(), updated_at = now()
   WHERE u.tenant_id = $1 AND u.id = $2 AND u.deleted_at IS NULL AND NOT EXISTS (
     SELECT FROM auth.users other WHERE other.tenant_id = $1 AND other.email_key = $4 AND other.id <> $2
   )`,
);

/** The account whose address it is. */
export interface EmailOwner {
  tenantId: string;
  userId: string;
}

/** The e-mail addresses of accounts. */
export abstract class EmailsRepository {
  /** Notes that the address is the owner's. @returns false when that was known, or it has another one by now */
  abstract verify(tx: Tx, owner: EmailOwner, email: string): Promise<boolean>;
  /** Notes which address the account is to have: from now on links to no other one give it another. */
  abstract want(tx: Tx, owner: EmailOwner, email: string): Promise<void>;
  /** Sets another address, which was proved. @returns false when it is another account's */
  abstract change(tx: Tx, owner: EmailOwner, email: string): Promise<boolean>;
}

@Injectable()
export class PgEmailsRepository extends EmailsRepository {
  async verify(tx: Tx, { tenantId, userId }: EmailOwner, email: string): Promise<boolean> {
    return (await tx.execute(verify, [tenantId, userId, email])) === 1;
  }

  async want(tx: Tx, { tenantId, userId }: EmailOwner, email: string): Promise<void> {
    await tx.execute(want, [tenantId, userId, email]);
  }

  async change(tx: Tx, { tenantId, userId }: EmailOwner, email: string): Promise<boolean> {
    try {
      return (await tx.execute(change, [tenantId, userId, email, emailKey(email)])) === 1;
    } catch (error) {
      if (isTaken(error)) return false; // by somebody whose transaction was open until now
      throw error;
    }
  }
}

function isTaken(error: unknown): boolean {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === '23505' && constraint === 'users_email';
}
