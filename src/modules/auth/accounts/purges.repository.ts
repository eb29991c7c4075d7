import { Injectable } from '@nestjs/common';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';

/** Who deleted an account of another is told apart by an index of its own. */
const forgetOrigins = statement(
  'purges.forgetOrigins',
  `UPDATE auth.audit_log SET ip = NULL, device = NULL
   WHERE (subject_id = ANY ($1::uuid[]) OR (actor_id = ANY ($1::uuid[]) AND actor_id IS DISTINCT FROM subject_id))
     AND (ip IS NOT NULL OR device IS NOT NULL)`,
);
const due = statement(
  'purges.due',
  `SELECT id, tenant_id AS "tenantId" FROM auth.users WHERE deleted_at < now() - make_interval(days => $1)
   ORDER BY deleted_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
);
const remove = statement('purges.remove', 'DELETE FROM auth.users WHERE id = ANY ($1::uuid[])');

/** An account that is to go for good. */
export interface DueAccount {
  id: string;
  tenantId: string;
}

/** Accounts whose deletion becomes final. */
export abstract class PurgesRepository {
  /** Accounts that were deleted so many days ago, locked for the transaction. */
  abstract due(tx: Tx, days: number, limit: number): Promise<DueAccount[]>;
  /** The rows, and all that hangs on them; the audit log keeps its lines, without address and device. */
  abstract remove(tx: Tx, ids: readonly string[]): Promise<void>;
}

@Injectable()
export class PgPurgesRepository extends PurgesRepository {
  due(tx: Tx, days: number, limit: number): Promise<DueAccount[]> {
    return tx.query<DueAccount & Record<string, unknown>>(due, [days, limit]);
  }

  async remove(tx: Tx, ids: readonly string[]): Promise<void> {
    await tx.execute(forgetOrigins, [ids]);
    await tx.execute(remove, [ids]);
  }
}
