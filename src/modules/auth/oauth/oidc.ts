import * as client from 'openid-client';
import { providerAccount } from './foreign-account.js';
import type { OAuthConfig } from './oauth.config.js';
import { refusalOf, unavailable } from './provider-failures.js';
import {
  OAuthProvider,
  TIMEOUT_SECONDS,
  type AroundCall,
  type FlowSecrets,
  type ForeignAccount,
} from './provider.js';

/** Metadata is read again after this long. */
const METADATA_MS = 3_600_000;

/** Google, or any other provider of OpenID Connect: what it says of itself is discovered. */
export class OidcProvider extends OAuthProvider {
  private known: { metadata: Promise<client.Configuration>; until: number } | undefined;

  constructor(
    private readonly config: OAuthConfig['google'],
    private readonly around: AroundCall,
  ) {
    super();
  }

  async authorizationUrl(redirectUri: URL, secrets: FlowSecrets): Promise<URL> {
    const { state, nonce, verifier } = secrets;
    return client.buildAuthorizationUrl(await this.metadata(), {
      redirect_uri: redirectUri.href,
      scope: 'openid email profile',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
  }

  async identify(answer: URL, secrets: FlowSecrets): Promise<ForeignAccount> {
    const metadata = await this.metadata();
    try {
      return await this.around(() => this.exchange(metadata, answer, secrets), false);
    } catch (error) {
      throw refusalOf('google', error);
    }
  }

  private async exchange(
    metadata: client.Configuration,
    answer: URL,
    { state, nonce, verifier }: FlowSecrets,
  ): Promise<ForeignAccount> {
    const tokens = await client.authorizationCodeGrant(metadata, answer, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (!claims) throw new client.ClientError('there is no ID token');
    // Google puts the address into the ID token, others tell it only when they are asked.
    const asks = claims.email === undefined && metadata.serverMetadata().userinfo_endpoint;
    const more = asks
      ? await client.fetchUserInfo(metadata, tokens.access_token, claims.sub)
      : undefined;
    const said = { ...claims, ...more };
    return providerAccount({
      subject: claims.sub,
      email: said.email,
      isVerified: said.email_verified === true,
      name: said.name,
      username: said.preferred_username,
    });
  }

  /** Discovered once for everybody; after a failure the next caller tries again. */
  private async metadata(): Promise<client.Configuration> {
    if (!this.known || this.known.until <= Date.now()) {
      const metadata = this.around(() => this.discover(), true);
      const known = { metadata, until: Date.now() + METADATA_MS };
      this.known = known;
      metadata.catch(() => {
        if (this.known === known) this.known = undefined;
      });
    }
    try {
      return await this.known.metadata;
    } catch (error) {
      throw unavailable('google', error);
    }
  }

  private discover(): Promise<client.Configuration> {
    const { issuer, clientId = '', clientSecret } = this.config;
    // Production has no http issuers: the configuration refuses them.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is only marked so to stand out
    const insecure = issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
    return client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
      timeout: TIMEOUT_SECONDS,
      // The signature of the ID token is checked too, not only the connection that it came by.
      execute: [client.enableNonRepudiationChecks, ...insecure],
    });
  }
}
