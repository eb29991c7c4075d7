import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { deriveKey } from '../keys/sealed-box.js';

/**
 * What the pages of a browser's session send with every write. Made of the session, so that all its tabs
 * have the same one, over refreshes and restarts, and nothing has to be stored.
 */
@Injectable()
export class CsrfTokens {
  private readonly key: Buffer;

  constructor(@Inject(authConfig.KEY) config: AuthConfig) {
    this.key = deriveKey(config, 'csrf tokens');
  }

  of(sessionId: string): string {
    return createHmac('sha256', this.key).update(sessionId).digest('base64url');
  }
}
