import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import type { PublicJwk } from '../auth.contract.js';

/**
 * The life of a signing key: known to all before it signs (`standby`), signing (`active`), and known
 * until the last token that it signed has ended (`retired`). Then its row is gone.
 */
export type KeyState = 'standby' | 'active' | 'retired';

/** A key as it is stored: the private half is encrypted. */
export interface StoredKey {
  kid: string;
  publicJwk: PublicJwk;
  encryptedPrivateKey: Buffer;
  state: KeyState;
  createdAt: Date;
  activatedAt: Date | null;
  retiredAt: Date | null;
}

export type NewKey = Pick<StoredKey, 'kid' | 'publicJwk' | 'encryptedPrivateKey'>;

const KEY = `kid, public_jwk AS "publicJwk", encrypted_private_key AS "encryptedPrivateKey", state,
  created_at AS "createdAt", activated_at AS "activatedAt", retired_at AS "retiredAt"`;

const list = statement(
  'keys.list',
  `SELECT ${KEY} FROM auth.signing_keys ORDER BY created_at DESC`,
);
/** Of the table, not of its rows: the look at them comes after it, and sees what the one before has added. */
const lock = statement('keys.lock', 'LOCK TABLE auth.signing_keys IN SHARE ROW EXCLUSIVE MODE');
const insert = statement(
  'keys.insert',
  `INSERT INTO auth.signing_keys (kid, public_jwk, encrypted_private_key, state, activated_at)
   VALUES ($1, $2, $3, $4, CASE $4 WHEN 'active' THEN now() END) ON CONFLICT DO NOTHING`,
);
const retire = statement(
  'keys.retire',
  `UPDATE auth.signing_keys SET state = 'retired', retired_at = now() WHERE state = 'active'`,
);
const activate = statement(
  'keys.activate',
  `UPDATE auth.signing_keys SET state = 'active', activated_at = now() WHERE kid = $1`,
);
const remove = statement('keys.remove', 'DELETE FROM auth.signing_keys WHERE kid = $1');
const removeRetired = statement(
  'keys.removeRetired',
  `DELETE FROM auth.signing_keys
   WHERE state = 'retired' AND retired_at < now() - make_interval(secs => $1) RETURNING kid`,
);

/** The signing keys of the deployment. */
export abstract class KeysRepository {
  abstract list(): Promise<StoredKey[]>;
  /** All of them, so that nobody else changes them until the end of the transaction. */
  abstract lock(tx: Tx): Promise<StoredKey[]>;
  /** There is one standby and one active key: where another is one already, nothing happens. */
  abstract insert(key: NewKey, state: 'standby' | 'active', tx?: Tx): Promise<void>;
  /** The active key signs no more. */
  abstract retire(tx: Tx): Promise<void>;
  abstract activate(tx: Tx, kid: string): Promise<void>;
  abstract remove(tx: Tx, kid: string): Promise<void>;
  /** @returns those that were retired longer ago than this, and are gone now */
  abstract removeRetired(seconds: number): Promise<string[]>;
}

@Injectable()
export class PgKeysRepository extends KeysRepository {
  constructor(private readonly database: Database) {
    super();
  }

  list(): Promise<StoredKey[]> {
    return this.database.readFresh<StoredKey & Record<string, unknown>>(list);
  }

  async lock(tx: Tx): Promise<StoredKey[]> {
    await tx.execute(lock);
    return tx.query<StoredKey & Record<string, unknown>>(list);
  }

  async insert(key: NewKey, state: 'standby' | 'active', tx?: Tx): Promise<void> {
    const { kid, publicJwk, encryptedPrivateKey } = key;
    await (tx ?? this.database).execute(insert, [kid, publicJwk, encryptedPrivateKey, state]);
  }

  async retire(tx: Tx): Promise<void> {
    await tx.execute(retire);
  }

  async activate(tx: Tx, kid: string): Promise<void> {
    await tx.execute(activate, [kid]);
  }

  async remove(tx: Tx, kid: string): Promise<void> {
    await tx.execute(remove, [kid]);
  }

  async removeRetired(seconds: number): Promise<string[]> {
    const removed = await this.database.query<{ kid: string }>(removeRetired, [seconds]);
    return removed.map(({ kid }) => kid);
  }
}
