import { RevocationFeed, type RevocationPage } from '../../../platform/security/revocations.js';
import type { AuthApi } from '../auth.contract.js';

/** The revocations of AuthApi: for the process of auth and for all others alike. */
export class AuthRevocationFeed extends RevocationFeed {
  constructor(private readonly auth: AuthApi) {
    super();
  }

  after(cursor: string): Promise<RevocationPage> {
    return this.auth.revocationsAfter(cursor);
  }
}
