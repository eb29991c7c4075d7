import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex } from '../../../platform/database/build-index.js';
import { usernameSkeleton } from '../accounts/username-skeleton.js';

const BATCH = 1000;
const ATTEMPTS = 5;
const UNIQUE_VIOLATION = '23505';
const FIRST = '00000000-0000-0000-0000-000000000000';

interface Named {
  id: string;
  username: string;
}

/**
 * What a name looks like is unique in its tenant. Accounts that are there already are filled in by age:
 * where two look the same, the older one has the look, and the younger one keeps NULL and its name.
 */
export class UsernameSkeletons1763800002000 implements MigrationInterface {
  // An index that is built beside running writes cannot be built within a transaction.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // One that a killed build has left is not valid, and refuses what is filled in all the same.
    await runner.query('DROP INDEX CONCURRENTLY IF EXISTS auth.users_skeleton');
    for (let last: string | undefined = FIRST; last !== undefined;)
      last = await this.fill(runner, last);
    for (let attempt = 1; !(await this.makeUnique(runner, attempt)); attempt++);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX auth.users_skeleton');
  }

  /** @returns the last id that it has seen; undefined when there are no more */
  private async fill(runner: QueryRunner, after: string): Promise<string | undefined> {
    const rows = (await runner.query(
      'SELECT id, username FROM auth.users WHERE id > $1 ORDER BY id LIMIT $2',
      [after, BATCH],
    )) as Named[];
    const skeletons = rows.map(({ username }) => usernameSkeleton(username));
    await runner.query(
      `UPDATE auth.users u SET username_skeleton = n.skeleton
       FROM unnest($1::uuid[], $2::text[]) AS n (id, skeleton) WHERE u.id = n.id`,
      [rows.map(({ id }) => id), skeletons],
    );
    return rows.at(-1)?.id;
  }

  /** @returns false when somebody registered a name meanwhile that looks like another: it is to be done again */
  private async makeUnique(runner: QueryRunner, attempt: number): Promise<boolean> {
    await this.leaveToTheOldest(runner);
    try {
      await buildIndex(
        runner,
        'auth.users_skeleton',
        'auth.users (tenant_id, username_skeleton)',
        'UNIQUE INDEX',
      );
      return true;
    } catch (error) {
      if (attempt === ATTEMPTS || (error as { code?: string }).code !== UNIQUE_VIOLATION)
        throw error;
      return false;
    }
  }

  private async leaveToTheOldest(runner: QueryRunner): Promise<void> {
    await runner.query(
      `UPDATE auth.users u SET username_skeleton = NULL FROM (
         SELECT id, row_number() OVER (PARTITION BY tenant_id, username_skeleton ORDER BY created_at, id) AS nth
         FROM auth.users WHERE username_skeleton IS NOT NULL
       ) ranked
       WHERE ranked.id = u.id AND ranked.nth > 1`,
    );
  }
}
