import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';

const exists = statement('tenants.exists', 'SELECT 1 FROM auth.tenants WHERE id = $1');

/** The tenants of this deployment. */
export abstract class TenantsRepository {
  abstract exists(id: string): Promise<boolean>;
}

@Injectable()
export class PgTenantsRepository extends TenantsRepository {
  constructor(private readonly database: Database) {
    super();
  }

  async exists(id: string): Promise<boolean> {
    return (await this.database.readFresh(exists, [id])).length > 0;
  }
}
