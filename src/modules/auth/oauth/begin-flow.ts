import { Inject, Injectable } from '@nestjs/common';
import { randomNonce, randomPKCECodeVerifier, randomState } from 'openid-client';
import { httpConfig, type HttpConfig } from '../../../platform/http/http.config.js';
import { FLOW_SECONDS, FlowCookie, type Flow } from './flow-cookie.js';
import { callbackUrl, oauthConfig, type OAuthConfig } from './oauth.config.js';
import { OAuthProviders } from './providers.js';
import { checkReturnTo } from './return-to.js';

/** What a flow is for. */
export interface Intent {
  tenantId: string;
  /** Where the browser goes in the end; without it the end is answered with JSON. */
  returnTo: string | undefined;
  /** Whose account the identity is linked to; without it somebody signs in. */
  link?: Flow['link'];
}

/** A flow that the browser can go on with. */
export interface Begun {
  /** Of the provider. */
  url: string;
  /** The value of the `Set-Cookie` header. */
  cookie: string;
}

/** Begins to sign in elsewhere. */
@Injectable()
export class BeginFlow {
  constructor(
    private readonly providers: OAuthProviders,
    private readonly cookie: FlowCookie,
    @Inject(oauthConfig.KEY) private readonly config: OAuthConfig,
    @Inject(httpConfig.KEY) private readonly http: HttpConfig,
  ) {}

  /**
   * @throws AppError `not_found`, `oauth_not_configured`, `validation_failed` for an address that is
   *   not listed, `dependency_unavailable` when the provider does not answer
   */
  async execute(providerName: string, { returnTo, ...intent }: Intent): Promise<Begun> {
    const { name, provider } = this.providers.find(providerName);
    const secrets = {
      state: randomState(),
      nonce: randomNonce(),
      verifier: randomPKCECodeVerifier(),
    };
    const flow = {
      provider: name,
      ...intent,
      ...secrets,
      ...(returnTo !== undefined && { returnTo: checkReturnTo(returnTo, this.http.corsOrigins) }),
      expiresAt: Date.now() + FLOW_SECONDS * 1000,
    };
    const redirectUri = callbackUrl(this.config, this.http.port, name);
    const url = await provider.authorizationUrl(redirectUri, secrets);
    return { url: url.href, cookie: this.cookie.set(flow) };
  }
}
