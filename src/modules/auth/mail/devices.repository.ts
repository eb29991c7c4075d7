import { Injectable } from '@nestjs/common';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';

/** Almost always it is the same address as before: then the others are not looked for. */
const addresses = statement(
  'devices.addresses',
  `WITH same AS (
     SELECT ip FROM auth.sessions WHERE user_id = $1 AND device = $2 AND ip = $3 LIMIT 1
   )
   SELECT ip FROM same
   UNION ALL
   SELECT DISTINCT ip FROM auth.sessions WHERE user_id = $1 AND device = $2 AND NOT EXISTS (SELECT FROM same)`,
);

/** The devices that an account was used on, as its sessions tell. */
export abstract class DevicesRepository {
  /** The addresses from which the account was used with this User-Agent; `ip` alone if it is one of them. */
  abstract addresses(tx: Tx, userId: string, device: string, ip: string): Promise<string[]>;
}

@Injectable()
export class PgDevicesRepository extends DevicesRepository {
  async addresses(tx: Tx, userId: string, device: string, ip: string): Promise<string[]> {
    const rows = await tx.query<{ ip: string }>(addresses, [userId, device, ip]);
    return rows.map((row) => row.ip);
  }
}
