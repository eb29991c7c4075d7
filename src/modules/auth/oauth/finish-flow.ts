import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../../../platform/errors/app-error.js';
import { httpConfig, type HttpConfig } from '../../../platform/http/http.config.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authErrors } from '../auth.errors.js';
import { authTelemetry } from '../auth.telemetry.js';
import type { Device, TokenPair } from '../sessions/open-session.js';
import { FlowCookie, type Flow } from './flow-cookie.js';
import type { Identity } from './identities.repository.js';
import { LinkIdentity } from './link-identity.js';
import { callbackUrl, oauthConfig, type OAuthConfig } from './oauth.config.js';
import type { ForeignAccount } from './provider.js';
import { OAuthProviders } from './providers.js';
import { SignIn } from './sign-in.js';

/** The parameters of a provider's answer that mean something to us. */
export interface ProviderAnswer {
  code?: string | undefined;
  state?: string | undefined;
  iss?: string | undefined;
  error?: string | undefined;
}

/** How a flow ended, and where the browser goes now, if anywhere: with `?error=` and a code where it failed. */
export type Finished =
  | { returnTo: string | undefined; tokens: TokenPair; identity?: never }
  | { returnTo: string | undefined; identity: Identity; tokens?: never }
  | { returnTo: string; identity?: never; tokens?: never };

/** Ends a flow: with the provider's answer, in the browser that began it. */
@Injectable()
export class FinishFlow {
  constructor(
    private readonly providers: OAuthProviders,
    private readonly cookie: FlowCookie,
    private readonly signIn: SignIn,
    private readonly linkIdentity: LinkIdentity,
    private readonly audit: RecordAudit,
    @Inject(oauthConfig.KEY) private readonly config: OAuthConfig,
    @Inject(httpConfig.KEY) private readonly http: HttpConfig,
  ) {}

  /**
   * The flow that the answer belongs to.
   *
   * @param cookies the `Cookie` header
   * @throws AppError `oauth_flow_invalid` when this browser began no such flow
   */
  flowOf(providerName: string, answer: ProviderAnswer, cookies: string | undefined): Flow {
    const { name } = this.providers.find(providerName);
    const flow = this.cookie.read(cookies);
    if (flow?.provider !== name || answer.state !== flow.state) {
      authTelemetry.oauthRefused(name, 'oauth_flow_invalid');
      throw authErrors.oauth_flow_invalid();
    }
    return flow;
  }

  /**
   * @throws AppError `oauth_refused` when the provider said no, `dependency_unavailable` when it does not
   *   answer, and what `SignIn` and `LinkIdentity` throw; they go to `returnTo` where there is one
   */
  async execute(flow: Flow, answer: ProviderAnswer, device: Device): Promise<Finished> {
    const { returnTo } = flow;
    try {
      return { returnTo, ...(await this.end(flow, answer, device)) };
    } catch (error) {
      if (returnTo === undefined || !(error instanceof AppError)) throw error;
      const address = new URL(returnTo);
      address.searchParams.set('error', error.code);
      return { returnTo: address.href };
    }
  }

  private async end(
    flow: Flow,
    answer: ProviderAnswer,
    device: Device,
  ): Promise<{ tokens: TokenPair } | { identity: Identity }> {
    const account = await this.identify(flow, answer);
    const { provider, link, tenantId } = flow;
    if (!link) return { tokens: await this.signIn.execute(tenantId, provider, account, device) };
    const owner = { tenantId, ...link };
    return { identity: await this.linkIdentity.execute(owner, provider, account) };
  }

  private async identify(flow: Flow, answer: ProviderAnswer): Promise<ForeignAccount> {
    const { provider } = this.providers.find(flow.provider);
    const url = callbackUrl(this.config, this.http.port, flow.provider);
    for (const [key, value] of Object.entries(answer) as [string, string | undefined][])
      if (value !== undefined) url.searchParams.set(key, value);
    try {
      return await provider.identify(url, flow);
    } catch (error) {
      if (error instanceof AppError && error.code === 'oauth_refused')
        await this.audit.refusal({
          event: flow.link ? 'identity.linked' : 'login',
          tenantId: flow.tenantId,
          subjectId: flow.link?.userId,
          detail: { provider: flow.provider, reason: error.code },
        });
      throw error;
    }
  }
}
