import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { developmentSecret } from '../../../platform/config/development-secret.js';
import type { AuthConfig } from '../auth.config.js';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A key for one purpose, of `auth.keyEncryptionKey`. Production refuses to start without a configured one. */
export function deriveKey(config: AuthConfig, purpose: string): Buffer {
  const secret = config.keyEncryptionKey ?? developmentSecret('auth-key-encryption.key');
  return Buffer.from(hkdfSync('sha256', secret, 'mainstay', purpose, 32));
}

/**
 * Encrypts texts with AES-256-GCM under a key made of `auth.keyEncryptionKey`, which all instances
 * share: nonce, tag, then the encrypted text.
 */
export class SealedBox {
  private readonly key: Buffer;

  /** @param purpose what is sealed; a box of one purpose does not open what another one sealed */
  constructor(config: AuthConfig, purpose: string) {
    this.key = deriveKey(config, purpose);
  }

  seal(text: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, iv);
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), encrypted]);
  }

  /** @throws when it was changed, or sealed with another key or for another purpose */
  open(sealed: Buffer): string {
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv(
      'aes-256-gcm',
      this.key,
      sealed.subarray(0, IV_BYTES),
      options,
    );
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return Buffer.concat([
      decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)),
      decipher.final(),
    ]).toString('utf8');
  }
}
