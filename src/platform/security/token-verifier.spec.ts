import { createHash } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import type { Bus } from '../messaging/bus.js';
import { ActiveSessions } from './active-sessions.js';
import { BELIEVED_MS, CredentialStore } from './credential-store.js';
import type { Principal } from './principal.js';
import { BEGINNING, RevocationFeed, Revocations, type RevocationPage } from './revocations.js';
import { LONGEST_TOKEN_SECONDS, PublicKeys, TokenVerifier } from './token-verifier.js';
import { later } from '../../../test/support/later.js';

const now = Math.floor(Date.now() / 1000);
const MINUTE_MS = 60_000;

/** What was revoked before this process read of it for the first time. */
class Feed extends RevocationFeed {
  sessions: string[] = [];
  isDown = false;

  after(): Promise<RevocationPage> {
    if (this.isDown) return Promise.reject(new Error('auth does not answer'));
    const revoked = { kind: 'session', roles: null, createdAt: now, expiresAt: now + 900 } as const;
    const items = this.sessions.map((subject) => ({ ...revoked, subject }));
    return Promise.resolve({ cursor: BEGINNING, items });
  }
}

/** API keys, and how often they were looked up. */
class Store extends CredentialStore {
  readonly keys = new Map<string, Principal>();
  asked = 0;

  ofApiKey(hash: string): Promise<Principal | undefined> {
    this.asked++;
    return Promise.resolve(this.keys.get(hash));
  }
  ofCookie(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

describe('the verifier of tokens', () => {
  let pair: { privateKey: CryptoKey; publicKey: CryptoKey };
  beforeAll(async () => {
    pair = await generateKeyPair('RS256');
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  class Keys extends PublicKeys {
    readonly issuer = 'mainstay';
    readonly audience = 'mainstay';

    find(kid: string): Promise<CryptoKey | undefined> {
      return Promise.resolve(kid === 'k1' ? pair.publicKey : undefined);
    }
  }

  function setUp() {
    const [feed, store] = [new Feed(), new Store()];
    const revocations = new Revocations(feed, {} as Bus, {} as Lifecycle);
    return {
      ...{ feed, store },
      verifier: new TokenVerifier(new Keys(), store, new ActiveSessions(), revocations),
    };
  }
  const sign = (claims: object = {}) =>
    new SignJWT({
      ...{ iss: 'mainstay', aud: 'mainstay', sub: 'ada', tid: 'default', sid: 's1' },
      ...{ roles: ['user'], jti: 'j', iat: now - 60, exp: now + 840 },
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: 'k1' })
      .sign(pair.privateKey);
  const apiKey = `mk_${'a'.repeat(43)}`;
  const hash = createHash('sha256').update(apiKey).digest('base64url');
  const ofKey = (expiresAt: number): Principal => ({
    ...{ userId: 'ada', tenantId: 'default', sessionId: 'key', roles: ['user'], scopes: [] },
    ...{ issuedAt: now, expiresAt },
  });

  it('believes none before it has read what was revoked', async () => {
    const { feed, verifier } = setUp();
    feed.sessions = ['s1'];
    await expect(verifier.verify(await sign())).rejects.toMatchObject({ code: 'invalid_token' });
    expect(await verifier.verify(await sign({ sid: 's2' }))).toMatchObject({ sessionId: 's2' });
  });

  it('believes none while that cannot be read', async () => {
    const { feed, verifier } = setUp();
    feed.isDown = true;
    const token = await sign();
    await expect(verifier.verify(token)).rejects.toThrow('auth does not answer');
    expect(verifier.cached(token)).toBeUndefined();
    feed.isDown = false;
    expect(await verifier.verify(token)).toMatchObject({ userId: 'ada' });
  });

  it('A6 remembers one until it expires, and no longer', async () => {
    const { verifier } = setUp();
    const token = await sign();
    await verifier.verify(token);
    expect(verifier.cached(token)).toMatchObject({ userId: 'ada' });
    await later(841_000);
    expect(verifier.cached(token)).toBeUndefined();
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'invalid_token' });
  });

  it('A7 believes none that is made for longer than a revoked key is remembered', async () => {
    const { verifier } = setUp();
    const day = LONGEST_TOKEN_SECONDS;
    for (const claims of [{ exp: now - 60 + day + 1 }, { iat: now + 90, exp: now + day }])
      await expect(verifier.verify(await sign(claims))).rejects.toMatchObject({
        code: 'invalid_token',
      });
    const [longest, ahead] = [{ exp: now - 60 + day }, { iat: now + 20, sid: 's2' }];
    for (const claims of [longest, ahead])
      expect(await verifier.verify(await sign(claims))).toMatchObject({ userId: 'ada' });
  });

  it('asks for an API key once a minute: its account may have other roles by then', async () => {
    const { store, verifier } = setUp();
    store.keys.set(hash, ofKey(now + 86_400));
    for (let n = 0; n < 3; n++) expect(await verifier.verify(apiKey)).toMatchObject({ scopes: [] });
    expect(store.asked).toBe(1);
    expect(BELIEVED_MS).toBe(MINUTE_MS);
    await later(MINUTE_MS + 1);
    expect(verifier.cached(apiKey)).toBeUndefined();
    await verifier.verify(apiKey);
    expect(store.asked).toBe(2);
  });

  it('takes no API key that has expired, whoever said that it is good', async () => {
    const { store, verifier } = setUp();
    store.keys.set(hash, ofKey(now - 1));
    await expect(verifier.verify(apiKey)).rejects.toMatchObject({ code: 'invalid_token' });
    store.keys.set(hash, ofKey(now + 30));
    expect(await verifier.verify(apiKey)).toMatchObject({ sessionId: 'key' });
    await later(31_000);
    expect(verifier.cached(apiKey)).toBeUndefined();
  });
});
