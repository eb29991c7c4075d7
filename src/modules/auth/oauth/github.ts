import * as client from 'openid-client';
import { z } from 'zod';
import { providerAccount } from './foreign-account.js';
import type { OAuthConfig } from './oauth.config.js';
import { refusalOf, UnexpectedAnswer } from './provider-failures.js';
import {
  OAuthProvider,
  TIMEOUT_SECONDS,
  type AroundCall,
  type FlowSecrets,
  type ForeignAccount,
} from './provider.js';

const user = z.object({ id: z.int(), login: z.unknown(), name: z.unknown() });
const emails = z.array(
  z.object({ email: z.string(), primary: z.boolean(), verified: z.boolean() }),
);

/** GitHub and GitHub Enterprise: OAuth without OpenID, so the account is asked of the API. */
export class GitHubProvider extends OAuthProvider {
  private readonly metadata: client.Configuration;

  constructor(
    private readonly config: OAuthConfig['github'],
    private readonly around: AroundCall,
  ) {
    super();
    const { authorizationUrl, tokenUrl, clientId = '', clientSecret } = config;
    this.metadata = new client.Configuration(
      {
        // As GitHub names itself in its answers, at home and in Enterprise.
        issuer: authorizationUrl.replace(/\/authorize$/, ''),
        authorization_endpoint: authorizationUrl,
        token_endpoint: tokenUrl,
      },
      clientId,
      clientSecret,
    );
    this.metadata.timeout = TIMEOUT_SECONDS;
    // Production has no http addresses: the configuration refuses them.
    if ([tokenUrl, authorizationUrl, config.apiUrl].some((url) => url.startsWith('http:')))
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- it is only marked so to stand out
      client.allowInsecureRequests(this.metadata);
  }

  async authorizationUrl(redirectUri: URL, { state, verifier }: FlowSecrets): Promise<URL> {
    return client.buildAuthorizationUrl(this.metadata, {
      redirect_uri: redirectUri.href,
      scope: 'read:user user:email',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
    });
  }

  async identify(answer: URL, secrets: FlowSecrets): Promise<ForeignAccount> {
    try {
      return await this.around(() => this.exchange(answer, secrets), false);
    } catch (error) {
      throw refusalOf('github', error);
    }
  }

  private async exchange(answer: URL, secrets: FlowSecrets): Promise<ForeignAccount> {
    const { access_token: token } = await client.authorizationCodeGrant(this.metadata, answer, {
      expectedState: secrets.state,
      pkceCodeVerifier: secrets.verifier,
    });
    const [who, addresses] = await Promise.all([
      this.ask(token, '/user', user),
      this.ask(token, '/user/emails', emails),
    ]);
    const primary = addresses.find((address) => address.primary);
    return providerAccount({
      subject: String(who.id), // the login can be renamed, and taken by somebody else
      email: primary?.email,
      isVerified: primary?.verified === true,
      name: who.name,
      username: who.login,
    });
  }

  private async ask<T extends z.ZodType>(
    token: string,
    path: string,
    schema: T,
  ): Promise<z.output<T>> {
    const headers = new Headers({ accept: 'application/vnd.github+json' });
    const url = new URL(this.config.apiUrl + path);
    const response = await client.fetchProtectedResource(
      this.metadata,
      token,
      url,
      'GET',
      undefined,
      headers,
    );
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new UnexpectedAnswer(response.status);
    }
    const read = schema.safeParse(await response.json().catch(() => undefined));
    if (!read.success) throw new client.ClientError('the API answers something else');
    return read.data;
  }
}
