import { generateKeyPair, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable } from '@nestjs/common';
import { exportJWK } from 'jose';
import { KeyEncryption } from './key-encryption.js';
import type { NewKey } from './keys.repository.js';

const generate = promisify(generateKeyPair);

/** Makes a key pair for RS256; the private half leaves this place encrypted. */
@Injectable()
export class MakeKey {
  constructor(private readonly encryption: KeyEncryption) {}

  async execute(): Promise<NewKey> {
    const kid = randomUUID();
    const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
    const { n = '', e = '' } = await exportJWK(publicKey);
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return {
      kid,
      publicJwk: { kty: 'RSA', n, e, kid, alg: 'RS256', use: 'sig' },
      encryptedPrivateKey: this.encryption.encrypt(pem),
    };
  }
}
