import { createPrivateKey, generateKeyPair, randomUUID, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { exportJWK } from 'jose';
import { Repository } from 'typeorm';
import type { PublicJwk } from '../auth.contract.js';
import { authTelemetry } from '../auth.telemetry.js';
import { KeyEncryption } from './key-encryption.js';
import { SigningKeyEntity } from './signing-key.entity.js';

const generate = promisify(generateKeyPair);

/** The key that signs now. */
export interface ActiveKey {
  kid: string;
  privateKey: KeyObject;
}

/** The RS256 keys of the deployment: kept in the database, encrypted, shared by all instances. */
@Injectable()
export class SigningKeys implements OnModuleInit {
  private current: ActiveKey | undefined;

  constructor(
    @InjectRepository(SigningKeyEntity) private readonly keys: Repository<SigningKeyEntity>,
    private readonly encryption: KeyEncryption,
  ) {}

  async onModuleInit(): Promise<void> {
    const stored = (await this.findActive()) ?? (await this.create());
    this.current = { kid: stored.kid, privateKey: this.open(stored) };
  }

  active(): ActiveKey {
    if (!this.current) throw new Error('the signing keys are not loaded yet');
    return this.current;
  }

  /** Every key whose tokens may still be valid. */
  async publicKeys(): Promise<PublicJwk[]> {
    const keys = await this.keys.find({ order: { createdAt: 'DESC' } });
    return keys.map((key) => key.publicJwk);
  }

  private findActive(): Promise<SigningKeyEntity | null> {
    return this.keys.findOneBy({ state: 'active' });
  }

  /** Of several instances that start at once, one insert wins and all use its key. */
  private async create(): Promise<SigningKeyEntity> {
    const kid = randomUUID();
    const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
    const { n = '', e = '' } = await exportJWK(publicKey);
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await this.keys
      .createQueryBuilder()
      .insert()
      .values({
        kid,
        publicJwk: { kty: 'RSA', n, e, kid, alg: 'RS256', use: 'sig' },
        encryptedPrivateKey: this.encryption.encrypt(pem),
        state: 'active',
      })
      .orIgnore()
      .execute();
    const active = await this.findActive();
    if (!active) throw new Error('no active signing key after creating one');
    if (active.kid === kid) authTelemetry.keyCreated(kid);
    return active;
  }

  private open(key: SigningKeyEntity): KeyObject {
    try {
      return createPrivateKey(this.encryption.decrypt(key.encryptedPrivateKey));
    } catch (cause) {
      throw new Error(
        `The signing key ${key.kid} cannot be decrypted: AUTH_KEY_ENCRYPTION_KEY is not the one it was encrypted with.`,
        { cause },
      );
    }
  }
}
