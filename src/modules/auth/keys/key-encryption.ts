import { Inject, Injectable } from '@nestjs/common';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { SealedBox } from './sealed-box.js';

/** Encrypts the private signing keys at rest: AES-256-GCM under `auth.keyEncryptionKey`. */
@Injectable()
export class KeyEncryption {
  private readonly box: SealedBox;

  constructor(@Inject(authConfig.KEY) config: AuthConfig) {
    this.box = new SealedBox(config, 'signing keys');
  }

  encrypt(text: string): Buffer {
    return this.box.seal(text);
  }

  /** @throws when the key is not the one it was encrypted with */
  decrypt(encrypted: Buffer): string {
    return this.box.open(encrypted);
  }
}
