import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { developmentSecret } from '../../../platform/config/development-secret.js';
import { authConfig, type AuthConfig } from '../auth.config.js';

/** A key for one purpose, from `auth.keyEncryptionKey`. Production refuses to start without a configured one. */
export function deriveKey(config: AuthConfig, purpose: string): Buffer {
  const secret = config.keyEncryptionKey ?? developmentSecret('auth-key-encryption.key');
  return Buffer.from(hkdfSync('sha256', secret, 'mainstay', purpose, 32));
}

/** Encrypts the private signing keys at rest: AES-256-GCM under `auth.keyEncryptionKey`. */
@Injectable()
export class KeyEncryption {
  private readonly key: Buffer;

  constructor(@Inject(authConfig.KEY) config: AuthConfig) {
    this.key = deriveKey(config, 'signing keys');
  }

  encrypt(text: string): Buffer {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), encrypted]);
  }

  /** @throws when the key is not the one it was encrypted with */
  decrypt(encrypted: Buffer): string {
    const decipher = createDecipheriv('aes-256-gcm', this.key, encrypted.subarray(0, 12));
    decipher.setAuthTag(encrypted.subarray(12, 28));
    return Buffer.concat([decipher.update(encrypted.subarray(28)), decipher.final()]).toString(
      'utf8',
    );
  }
}
