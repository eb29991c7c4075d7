/** Where accounts elsewhere may be. */
export const providerNames = ['google', 'github'] as const;
export type ProviderName = (typeof providerNames)[number];

/** What ties an answer of the provider to the flow that asked for it. */
export interface FlowSecrets {
  /** Comes back in the redirect. */
  state: string;
  /** Comes back in the ID token. */
  nonce: string;
  /** Of PKCE: shows that who exchanges the code began the flow. */
  verifier: string;
}

/** An account elsewhere, as its provider describes it to us. */
export interface ForeignAccount {
  /** The provider's own id of it, which never changes. */
  subject: string;
  /** Undefined where the provider does not say that it belongs to the account's owner. */
  verifiedEmail: string | undefined;
  /** How they call themselves there: whatever text. */
  name: string | undefined;
  username: string | undefined;
}

/** A provider of identities. */
export abstract class OAuthProvider {
  /** Where the browser is sent to sign in. */
  abstract authorizationUrl(redirectUri: URL, secrets: FlowSecrets): Promise<URL>;

  /**
   * Who signed in: exchanges the code and checks all that came.
   *
   * @param answer the redirect address with the parameters of the provider's answer
   * @throws AppError `oauth_refused` when it is no good answer to this flow
   */
  abstract identify(answer: URL, secrets: FlowSecrets): Promise<ForeignAccount>;
}

/**
 * Whatever stands around calls to a provider; the module puts the breaker here.
 *
 * @param repeatable a second call does no harm
 */
export type AroundCall = <T>(call: () => Promise<T>, repeatable: boolean) => Promise<T>;

/** Seconds that one answer of a provider may take. */
export const TIMEOUT_SECONDS = 5;
