import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  exportJWK,
  generateKeyPair,
  decodeJwt,
  SignJWT,
  type CryptoKey,
  type JWTPayload,
} from 'jose';
import {
  Provider,
  type Adapter,
  type AdapterPayload,
  type KoaContextWithOIDC,
} from 'oidc-provider';

/** Who signs in next, and what the provider says of them. */
export interface Person {
  sub: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
  preferred_username?: string;
  /** Says all but `sub` only to who asks for it, as the standard has it and Google does not. */
  onlyInUserInfo?: boolean;
}

/** A real provider of OpenID Connect, in which a test signs in without a page. */
export interface OidcServer {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Who signs in from now on. */
  person: Person;
  /** Whether they say no when they are asked for their consent. */
  refuses: boolean;
  /** Changes the ID tokens that are given out; they are signed again, with another key if there is one. */
  alter: ((claims: JWTPayload) => { claims: JWTPayload; key?: CryptoKey }) | undefined;
  stop(): Promise<void>;
}

const KID = 'provider';

/**
 * @param redirectUri where it sends browsers back to
 * @param address under which it is reached, where that is not its own
 */
export async function startOidcProvider(
  redirectUri: string,
  port: number,
  address = `http://127.0.0.1:${port}`,
): Promise<OidcServer> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const people = new Map<string, Person>();
  const server: OidcServer = {
    issuer: address,
    clientId: 'mainstay-test',
    clientSecret: 'a-secret-of-the-client-of-these-tests',
    person: { sub: 'nobody' },
    refuses: false,
    alter: undefined,
    stop: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  const provider = new Provider(address, {
    clients: [
      {
        client_id: server.clientId,
        client_secret: server.clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: KID, alg: 'RS256', use: 'sig' }] },
    adapter: MemoryAdapter,
    ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    cookies: { keys: ['cookies of these tests'] },
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username'],
    },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: (use) => {
        const { onlyInUserInfo, ...claims } = people.get(id) ?? { sub: id };
        return onlyInUserInfo && use === 'id_token' ? { sub: id } : { ...claims };
      },
    }),
  });
  provider.use(async (ctx: KoaContextWithOIDC, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { person, refuses } = server;
    people.set(person.sub, person);
    const result = refuses
      ? { error: 'access_denied', error_description: '<script>alert(1)</script>' }
      : await consent(provider, server.clientId, person.sub);
    await provider.interactionFinished(ctx.req, ctx.res, result);
    ctx.respond = false;
  });
  provider.use(async (ctx: KoaContextWithOIDC, next) => {
    await next();
    const body = ctx.body as { id_token?: string } | undefined;
    if (!server.alter || ctx.path !== '/token' || body?.id_token === undefined) return;
    const { claims, key = privateKey } = server.alter(decodeJwt(body.id_token));
    const header = { alg: 'RS256', kid: KID };
    body.id_token = await new SignJWT(claims).setProtectedHeader(header).sign(key);
  });
  const http = createServer((request, response) => void provider.callback()(request, response));
  http.listen(port, '127.0.0.1');
  await once(http, 'listening');
  if ((http.address() as AddressInfo).port !== port) throw new Error('another port');
  return server;
}

/** Logged in, and agreed to everything that is asked for. */
async function consent(provider: Provider, clientId: string, accountId: string) {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope('openid email profile');
  return { login: { accountId }, consent: { grantId: await grant.save() } };
}

/** What the provider remembers; its own store of this kind warns of itself. */
class MemoryAdapter implements Adapter {
  private readonly items = new Map<string, AdapterPayload>();

  constructor(readonly name: string) {}

  upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.items.set(id, payload);
    return Promise.resolve();
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve(this.items.get(id));
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return Promise.resolve([...this.items.values()].find((item) => item.uid === uid));
  }

  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  consume(id: string): Promise<void> {
    const item = this.items.get(id);
    if (item) item.consumed = Math.floor(Date.now() / 1000);
    return Promise.resolve();
  }

  destroy(id: string): Promise<void> {
    this.items.delete(id);
    return Promise.resolve();
  }

  revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, item] of this.items) if (item.grantId === grantId) this.items.delete(id);
    return Promise.resolve();
  }
}
