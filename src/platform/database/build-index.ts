import type { QueryRunner } from 'typeorm';

/**
 * Builds an index beside running writes, for a migration with `transaction = false`: within one it cannot
 * be. One that was left by a killed build is there and not valid, so it begins anew.
 *
 * @param name with its schema, e.g. `auth.sessions_open`
 * @param on e.g. `auth.sessions (user_id, id) WHERE ended_at IS NULL`
 */
export async function buildIndex(
  runner: QueryRunner,
  name: `${string}.${string}`,
  on: string,
  kind: 'INDEX' | 'UNIQUE INDEX' = 'INDEX',
): Promise<void> {
  await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  await runner.query(`CREATE ${kind} CONCURRENTLY ${name.split('.')[1]} ON ${on}`);
}
