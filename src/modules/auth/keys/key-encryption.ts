import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { dataDirectory } from '../../../platform/config/data-directory.js';
import { authConfig, type AuthConfig } from '../auth.config.js';

/** Encrypts the private signing keys at rest: AES-256-GCM under `auth.keyEncryptionKey`. */
@Injectable()
export class KeyEncryption {
  private readonly key: Buffer;

  constructor(@Inject(authConfig.KEY) config: AuthConfig) {
    const secret = config.keyEncryptionKey ?? developmentSecret();
    this.key = Buffer.from(hkdfSync('sha256', secret, 'mainstay', 'signing keys', 32));
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

/** Development without a configured key keeps one beside its data; production refuses to start. */
function developmentSecret(): string {
  const file = join(dataDirectory(), 'auth-key-encryption.key');
  if (!existsSync(file)) {
    mkdirSync(dataDirectory(), { recursive: true });
    try {
      writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, {
        mode: 0o600,
        flag: 'wx',
      });
    } catch (error) {
      // Another process of the same folder was first: its key is ours too.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return readFileSync(file, 'utf8').trim();
}
