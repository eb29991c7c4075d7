import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { httpConfig } from '../http/http.config.js';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import type { Bus } from '../messaging/bus.js';
import { ActiveSessions } from './active-sessions.js';
import { CredentialStore, type CookieSession } from './credential-store.js';
import { BEGINNING, RevocationFeed, Revocations, type RevocationPage } from './revocations.js';
import { SessionCookies } from './session-cookies.js';
import { later } from '../../../test/support/later.js';

const seconds = (): number => Date.now() / 1000;

/** Cookies as auth knows them; of every cookie the session `s1`. */
class Store extends CredentialStore {
  isGood = true;
  expiresIn = 86_400;

  ofApiKey(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
  ofCookie(): Promise<CookieSession | undefined> {
    if (!this.isGood) return Promise.resolve(undefined);
    const principal = {
      ...{ userId: 'ada', tenantId: 'default', sessionId: 's1', roles: ['user'] },
      ...{ issuedAt: seconds(), expiresAt: seconds() + this.expiresIn },
    };
    return Promise.resolve({ principal, csrfTokens: ['the token of s1'] });
  }
}

class Feed extends RevocationFeed {
  isDown = false;

  after(): Promise<RevocationPage> {
    if (this.isDown) return Promise.reject(new Error('auth does not answer'));
    return Promise.resolve({ cursor: BEGINNING, items: [] });
  }
}

function setUp() {
  const [store, feed] = [new Store(), new Feed()];
  const revocations = new Revocations(feed, {} as Bus, {} as Lifecycle);
  const http = httpConfig.schema.parse({ corsOrigins: ['https://app.example.com'] });
  const cookies = new SessionCookies(store, revocations, new ActiveSessions(), http);
  const look = () =>
    cookies.verify(`mr_${'s'.repeat(22)}.${'x'.repeat(43)}`, {
      method: 'GET',
      headers: {},
    } as unknown as FastifyRequest);
  return { store, feed, look };
}

describe('the cookie of a session', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('is believed for ten seconds, as long as one that was replaced is good, and then looked up', async () => {
    const { store, look } = setUp();
    expect(await look()).toMatchObject({ userId: 'ada' });
    store.isGood = false;
    expect(await look()).toMatchObject({ userId: 'ada' });
    await later(10_001);
    expect(await look()).toBeUndefined();
  });

  it('is believed no longer than its session lives', async () => {
    const { store, look } = setUp();
    store.expiresIn = 5;
    expect(await look()).toMatchObject({ userId: 'ada' });
    store.isGood = false;
    await later(5001);
    expect(await look()).toBeUndefined();
  });

  it('is believed by nobody who has not read what was revoked', async () => {
    const { feed, look } = setUp();
    feed.isDown = true;
    await expect(look()).rejects.toThrow('auth does not answer');
    feed.isDown = false;
    expect(await look()).toMatchObject({ userId: 'ada' });
  });
});
