import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { authErrors } from '../auth.errors.js';
import { GitHubProvider } from './github.js';
import type { OAuthConfig } from './oauth.config.js';
import { OidcProvider } from './oidc.js';
import {
  providerNames,
  TIMEOUT_SECONDS,
  type AroundCall,
  type OAuthProvider,
  type ProviderName,
} from './provider.js';

/** @param probe resolves when the provider answers */
export type Guard = (name: ProviderName, probe: () => Promise<void>) => AroundCall;

/** The providers that this deployment is registered with. */
export class OAuthProviders {
  private readonly configured = new Map<ProviderName, OAuthProvider>();

  constructor({ google, github }: OAuthConfig, guard: Guard) {
    if (google.clientId !== undefined) {
      const metadata = `${google.issuer}/.well-known/openid-configuration`;
      const around = guard('google', () => answers(metadata));
      this.configured.set('google', new OidcProvider(google, around));
    }
    if (github.clientId !== undefined) {
      // Not the API: it counts how often an address asks without a token.
      const around = guard('github', () => answers(github.tokenUrl));
      this.configured.set('github', new GitHubProvider(github, around));
    }
  }

  /** @throws AppError `not_found` for a name that means nothing, `oauth_not_configured` */
  find(name: string): { name: ProviderName; provider: OAuthProvider } {
    const known = providerNames.find((candidate) => candidate === name);
    if (known === undefined) throw platformErrors.not_found();
    const provider = this.configured.get(known);
    if (!provider) throw authErrors.oauth_not_configured();
    return { name: known, provider };
  }
}

/** Whatever it says, it is there; only what servers say of their own troubles does not count. */
async function answers(url: string): Promise<void> {
  const response = await fetch(url, {
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1000),
  });
  await response.body?.cancel();
  if (response.status >= 500) throw new Error(`it answers ${response.status}`);
}
