import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';

const exists = statement('tenants.exists', 'SELECT 1 FROM auth.tenants WHERE id = $1');
const insert = statement(
  'tenants.insert',
  `INSERT INTO auth.tenants (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING
   RETURNING id, name, created_at AS "createdAt"`,
);
const list = statement(
  'tenants.list',
  `SELECT id, name, created_at AS "createdAt" FROM auth.tenants
   WHERE $1::text IS NULL OR id > $1 ORDER BY id LIMIT $2`,
);

export interface StoredTenant {
  id: string;
  name: string;
  createdAt: Date;
}

/** The tenants of this deployment. Once there they stay. */
export abstract class TenantsRepository {
  abstract exists(id: string): Promise<boolean>;
  /** @returns undefined where there is one of that id */
  abstract insert(tx: Tx, id: string, name: string): Promise<StoredTenant | undefined>;
  /** Tenants after an id, in the order of their ids. */
  abstract list(after: string | undefined, limit: number): Promise<StoredTenant[]>;
}

type Row = StoredTenant & Record<string, unknown>;

@Injectable()
export class PgTenantsRepository extends TenantsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async exists(id: string): Promise<boolean> {
    return (await this.database.readFresh(exists, [id])).length > 0;
  }

  async insert(tx: Tx, id: string, name: string): Promise<StoredTenant | undefined> {
    return (await tx.query<Row>(insert, [id, name]))[0];
  }

  list(after: string | undefined, limit: number): Promise<StoredTenant[]> {
    return this.database.read<Row>(list, [after ?? null, limit]);
  }
}
