import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Lifecycle } from '../../../platform/lifecycle/lifecycle.js';
import { Bus } from '../../../platform/messaging/bus.js';
import { WakeableLoop } from '../../../platform/messaging/wakeable-loop.js';
import type { PublicJwk } from '../auth.contract.js';
import { authTelemetry } from '../auth.telemetry.js';
import { KeyEncryption } from './key-encryption.js';
import { KeysRepository, type StoredKey } from './keys.repository.js';
import { MakeKey } from './make-key.js';

/** The key that signs now. */
export interface ActiveKey {
  kid: string;
  privateKey: KeyObject;
}

/** The bus tells of a rotation at once; a key that was retired meanwhile is still believed for a day. */
const PACE = { everyMs: 15_000, restMs: 20 };

/** The RS256 keys of the deployment: kept in the database, encrypted, shared by all instances. */
@Injectable()
export class SigningKeys implements OnModuleInit {
  private current: ActiveKey | undefined;
  private published: PublicJwk[] = [];
  private readonly loop = new WakeableLoop(() => this.round(), PACE);

  constructor(
    private readonly keys: KeysRepository,
    private readonly make: MakeKey,
    private readonly encryption: KeyEncryption,
    private readonly bus: Bus,
    private readonly lifecycle: Lifecycle,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.load();
    const unsubscribe = this.bus.subscribe((message) => {
      if (message.topic === 'keys') this.loop.wake();
    });
    this.loop.start();
    this.lifecycle.onStop('bus', () => {
      unsubscribe();
      return this.loop.stop();
    });
  }

  active(): ActiveKey {
    if (!this.current) throw new Error('the signing keys are not loaded yet');
    return this.current;
  }

  /** Every key whose tokens may still be valid, and the one that signs next. */
  publicKeys(): PublicJwk[] {
    return this.published;
  }

  publishes(kid: string): boolean {
    return this.published.some((key) => key.kid === kid);
  }

  /** Reads the keys, and makes those that are missing: of several instances one insert wins for all. */
  async load(): Promise<void> {
    let stored = await this.keys.list();
    for (const state of ['active', 'standby'] as const) {
      if (stored.some((key) => key.state === state)) continue;
      const key = await this.make.execute();
      await this.keys.insert(key, state);
      stored = await this.keys.list();
      if (stored.some(({ kid }) => kid === key.kid)) authTelemetry.keyCreated(key.kid);
    }
    const active = stored.find(({ state }) => state === 'active');
    if (!active) throw new Error('no active signing key after creating one');
    // First: an active key that cannot be opened here is still one that others sign with.
    this.published = stored.map(({ publicJwk }) => publicJwk);
    if (active.kid !== this.current?.kid) this.current = this.open(active);
  }

  private async round(): Promise<void> {
    try {
      await this.load();
    } catch (error) {
      authTelemetry.keysNotRead(error);
    }
  }

  private open({ kid, encryptedPrivateKey }: StoredKey): ActiveKey {
    try {
      return { kid, privateKey: createPrivateKey(this.encryption.decrypt(encryptedPrivateKey)) };
    } catch (cause) {
      throw new Error(
        `The signing key ${kid} cannot be decrypted: AUTH_KEY_ENCRYPTION_KEY is not the one it was encrypted with.`,
        { cause },
      );
    }
  }
}
