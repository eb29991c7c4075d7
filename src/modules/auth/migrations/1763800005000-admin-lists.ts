import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '../../../platform/database/build-index.js';

/** What the lists of administrators are read by. Only the first of them grows with every account. */
const indexes: Record<string, string> = {
  users_tenant: 'auth.users (tenant_id, id)',
  // For «begins with», which other orders of text cannot answer.
  users_username_prefix: 'auth.users (tenant_id, username_key text_pattern_ops)',
  users_admins: `auth.users (tenant_id, id) WHERE 'admin' = ANY (roles)`,
  users_banned: 'auth.users (tenant_id, id) WHERE banned_at IS NOT NULL',
  audit_log_event: 'auth.audit_log (tenant_id, event, id)',
  audit_log_actor: 'auth.audit_log (actor_id, id) WHERE actor_id IS NOT NULL',
};

/** Built beside running writes. */
export class AdminLists1763800005000 implements MigrationInterface {
  // An index that is built so cannot be built within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, on] of Object.entries(indexes)) {
      await buildIndex(runner, `auth.${name}`, on);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(indexes)) await runner.query(`DROP INDEX auth.${name}`);
  }
}
