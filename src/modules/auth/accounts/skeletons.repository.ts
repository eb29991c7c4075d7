import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';

const missing = statement(
  'skeletons.missing',
  `SELECT id, username FROM auth.users WHERE id > $1 AND username_skeleton IS NULL ORDER BY id LIMIT $2`,
);
/** Of two that look the same the older one. A registration at the same moment makes it fail: the job is tried again. */
const fill = statement(
  'skeletons.fill',
  `UPDATE auth.users u SET username_skeleton = free.skeleton FROM (
     SELECT DISTINCT ON (o.tenant_id, n.skeleton) o.id, n.skeleton
     FROM unnest($1::uuid[], $2::text[]) AS n (id, skeleton) JOIN auth.users o ON o.id = n.id
     WHERE NOT EXISTS (
       SELECT FROM auth.users t WHERE t.tenant_id = o.tenant_id AND t.username_skeleton = n.skeleton
     )
     ORDER BY o.tenant_id, n.skeleton, o.id
   ) free
   WHERE u.id = free.id AND u.username_skeleton IS NULL`,
);

/** What the names of accounts look like, where that is not noted yet. */
export abstract class SkeletonsRepository {
  /** Accounts without one after an id, in the order of ids. */
  abstract missing(after: string, limit: number): Promise<{ id: string; username: string }[]>;
  /** Notes those that no other account of the tenant has. */
  abstract fill(skeletons: readonly { id: string; skeleton: string }[]): Promise<void>;
}

@Injectable()
export class PgSkeletonsRepository extends SkeletonsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  missing(after: string, limit: number): Promise<{ id: string; username: string }[]> {
    return this.database.readFresh<{ id: string; username: string }>(missing, [after, limit]);
  }

  async fill(skeletons: readonly { id: string; skeleton: string }[]): Promise<void> {
    const ids = skeletons.map(({ id }) => id);
    const texts = skeletons.map(({ skeleton }) => skeleton);
    await this.database.execute(fill, [ids, texts]);
  }
}
