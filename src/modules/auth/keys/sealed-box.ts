import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { developmentSecret } from '../../../platform/config/development-secret.js';
import type { AuthConfig } from '../auth.config.js';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keys for one purpose, of `auth.keyEncryptionKey` and the one before it: the first makes what is new, both
 * know what is old. Production refuses to start without a configured one.
 */
export function deriveKeys(config: AuthConfig, purpose: string): [Buffer, ...Buffer[]] {
  const derive = (secret: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, 'mainstay', purpose, 32));
  const { keyEncryptionKey: key, previousKeyEncryptionKey: previous } = config;
  const first = derive(key ?? developmentSecret('auth-key-encryption.key'));
  return previous === undefined ? [first] : [first, derive(previous)];
}

/**
 * Encrypts texts with AES-256-GCM under a key made of `auth.keyEncryptionKey`, which all instances
 * share: nonce, tag, then the encrypted text.
 */
export class SealedBox {
  private readonly keys: [Buffer, ...Buffer[]];

  /** @param purpose what is sealed; a box of one purpose does not open what another one sealed */
  constructor(config: AuthConfig, purpose: string) {
    this.keys = deriveKeys(config, purpose);
  }

  seal(text: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keys[0], iv);
    const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), encrypted]);
  }

  /** @throws when it was changed, or sealed with none of these keys or for another purpose */
  open(sealed: Buffer): string {
    for (const key of this.keys.slice(1)) {
      try {
        return openWith(key, sealed);
      } catch {
        // Not sealed with this one: the first has the last word.
      }
    }
    return openWith(this.keys[0], sealed);
  }
}

function openWith(key: Buffer, sealed: Buffer): string {
  const iv = sealed.subarray(0, IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const text = decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES));
  return Buffer.concat([text, decipher.final()]).toString('utf8');
}
