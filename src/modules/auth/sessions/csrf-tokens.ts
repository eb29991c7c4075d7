import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { deriveKeys } from '../keys/sealed-box.js';

/**
 * What the pages of a browser's session send with every write. Made of the session, so that all its tabs
 * have the same one, over refreshes and restarts, and nothing has to be stored.
 */
@Injectable()
export class CsrfTokens {
  private readonly keys: [Buffer, ...Buffer[]];

  constructor(@Inject(authConfig.KEY) config: AuthConfig) {
    this.keys = deriveKeys(config, 'csrf tokens');
  }

  of(sessionId: string): string {
    return tokenOf(sessionId, this.keys[0]);
  }

  /** Every token of the session that is good: pages have those of the key before, while it is being replaced. */
  allOf(sessionId: string): string[] {
    return this.keys.map((key) => tokenOf(sessionId, key));
  }
}

function tokenOf(sessionId: string, key: Buffer): string {
  return createHmac('sha256', key).update(sessionId).digest('base64url');
}
