import { Injectable } from '@nestjs/common';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';

const addresses = statement(
  'devices.addresses',
  `SELECT DISTINCT ip FROM auth.sessions WHERE user_id = $1 AND device = $2`,
);

/** The devices that an account was used on, as its sessions tell. */
export abstract class DevicesRepository {
  /** The addresses from which the account was used with this User-Agent. */
  abstract addresses(tx: Tx, userId: string, device: string): Promise<string[]>;
}

@Injectable()
export class PgDevicesRepository extends DevicesRepository {
  async addresses(tx: Tx, userId: string, device: string): Promise<string[]> {
    return (await tx.query<{ ip: string }>(addresses, [userId, device])).map(({ ip }) => ip);
  }
}
