import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';

/** Tenant by tenant: so the index of skeletons finds them, however many accounts there are. */
const missing = statement(
  'skeletons.missing',
  `SELECT u.id, u.username FROM auth.tenants t CROSS JOIN LATERAL (
     SELECT id, username FROM auth.users WHERE tenant_id = t.id AND username_skeleton IS NULL
     ORDER BY created_at, id LIMIT $1
   ) u LIMIT $1`,
);
/**
 * Of two that look the same the older one has it. The other gets a text that no name looks like (in those every i
 * is an l), and so is never looked at again. A registration at the same moment makes it fail: the job is tried again.
 */
const fill = statement(
  'skeletons.fill',
  `WITH named AS (
     SELECT u.id, u.tenant_id, u.created_at, n.skeleton
     FROM unnest($1::uuid[], $2::text[]) AS n (id, skeleton) JOIN auth.users u ON u.id = n.id
   ), free AS (
     SELECT DISTINCT ON (n.tenant_id, n.skeleton) n.id, n.skeleton FROM named n
     WHERE NOT EXISTS (
       SELECT FROM auth.users t WHERE t.tenant_id = n.tenant_id AND t.username_skeleton = n.skeleton
     )
     ORDER BY n.tenant_id, n.skeleton, n.created_at, n.id
   )
   UPDATE auth.users u SET username_skeleton = coalesce(free.skeleton, 'lookalike ' || u.id)
   FROM named LEFT JOIN free ON free.id = named.id
   WHERE u.id = named.id AND u.username_skeleton IS NULL`,
);

/** What the names of accounts look like, where that is not noted yet. */
export abstract class SkeletonsRepository {
  /** Accounts whose names were not looked at, of each tenant the oldest first. */
  abstract missing(limit: number): Promise<{ id: string; username: string }[]>;
  /** Notes those that no other account of the tenant has, and of the others that they look like one. */
  abstract fill(skeletons: readonly { id: string; skeleton: string }[]): Promise<void>;
}

@Injectable()
export class PgSkeletonsRepository extends SkeletonsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  missing(limit: number): Promise<{ id: string; username: string }[]> {
    return this.database.readFresh<{ id: string; username: string }>(missing, [limit]);
  }

  async fill(skeletons: readonly { id: string; skeleton: string }[]): Promise<void> {
    const ids = skeletons.map(({ id }) => id);
    const texts = skeletons.map(({ skeleton }) => skeleton);
    await this.database.execute(fill, [ids, texts]);
  }
}
