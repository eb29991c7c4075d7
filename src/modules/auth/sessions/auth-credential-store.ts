import {
  CredentialStore,
  type CookieSession,
} from '../../../platform/security/credential-store.js';
import type { Principal } from '../../../platform/security/principal.js';
import type { AuthApi } from '../auth.contract.js';

/** The credentials of AuthApi: for the process of auth and for all others alike. */
export class AuthCredentialStore extends CredentialStore {
  constructor(private readonly auth: AuthApi) {
    super();
  }

  ofApiKey(hash: string): Promise<Principal | undefined> {
    return this.auth.callerOfApiKey(hash);
  }

  ofCookie(hash: string): Promise<CookieSession | undefined> {
    return this.auth.sessionOfCookie(hash);
  }
}
