import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { Bus } from '../../../platform/messaging/bus.js';
import { DEFAULT_TENANT } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { KeysRepository, type NewKey, type StoredKey } from './keys.repository.js';
import { MakeKey } from './make-key.js';

/** What a rotation changed. */
export interface Rotation {
  /** The key that signs from now on; everybody knew it before. */
  active: string;
  /** The one that signed until now; its tokens live until they expire. */
  retired: string | null;
  /** The one that signs next. */
  standby: string;
}

/** Lets the standby key sign, retires the active one and makes another standby: in one commit. */
@Injectable()
export class RotateKeys {
  constructor(
    private readonly database: Database,
    private readonly keys: KeysRepository,
    private readonly make: MakeKey,
    private readonly bus: Bus,
    private readonly audit: RecordAudit,
  ) {}

  /** @param isDue asked under the lock, for what runs by the clock: undefined is returned where it is not */
  async execute(): Promise<Rotation>;
  async execute(isDue: (keys: StoredKey[]) => boolean): Promise<Rotation | undefined>;
  async execute(isDue = (_keys: StoredKey[]): boolean => true): Promise<Rotation | undefined> {
    const next = await this.make.execute(); // 50 ms of a core, outside of the lock
    return this.database.transaction(async (tx) => {
      const keys = await this.keys.lock(tx);
      if (!isDue(keys)) return undefined;
      return this.rotate(tx, keys, next);
    });
  }

  private async rotate(tx: Tx, keys: StoredKey[], next: NewKey): Promise<Rotation> {
    const active = keys.find(({ state }) => state === 'active')?.kid ?? null;
    const standby = keys.find(({ state }) => state === 'standby')?.kid;
    await this.keys.retire(tx);
    if (standby === undefined) await this.keys.insert(next, 'active', tx);
    else {
      await this.keys.activate(tx, standby);
      await this.keys.insert(next, 'standby', tx);
    }
    const rotation = { active: standby ?? next.kid, retired: active, standby: next.kid };
    this.audit.execute(tx, {
      event: 'keys.rotated',
      tenantId: DEFAULT_TENANT,
      detail: { ...rotation },
    });
    this.bus.announce({ topic: 'keys' }, tx);
    return rotation;
  }
}
