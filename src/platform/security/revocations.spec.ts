import { describe, expect, it, jest } from '@jest/globals';
import type { Lifecycle } from '../lifecycle/lifecycle.js';
import type { Bus, BusMessage } from '../messaging/bus.js';
import type { Principal } from './principal.js';
import {
  BEGINNING,
  MAX_REVOCATIONS,
  RevocationFeed,
  Revocations,
  type Revocation,
  type RevocationPage,
} from './revocations.js';

const now = Math.floor(Date.now() / 1000);

/** Gives what it is told to, page by page. */
class Pages extends RevocationFeed {
  readonly cursors: string[] = [];
  items: Revocation[] = [];
  restoredTo = 100;
  /** How long a page is on its way. */
  way: Promise<void> = Promise.resolve();

  after(cursor: string): Promise<RevocationPage> {
    this.cursors.push(cursor);
    const xmin = this.restoredTo + this.cursors.length;
    const page = { cursor: `${xmin}:${xmin}:`, items: this.items };
    return this.way.then(() => page);
  }
}

function setUp() {
  const feed = new Pages();
  const revocations = new Revocations(feed, {} as Bus, {} as Lifecycle);
  const learn = (...items: Revocation[]) => {
    feed.items = items;
    return revocations.catchUp();
  };
  return { feed, revocations, learn };
}

const revoked = (kind: Revocation['kind'], subject: string, more: Partial<Revocation> = {}) => ({
  ...{ kind, subject, roles: null, createdAt: now, expiresAt: now + 900 },
  ...more,
});
const caller = (more: Partial<Principal> = {}): Principal => ({
  ...{ userId: 'ada', tenantId: 'default', sessionId: 's1', roles: ['admin'], keyId: 'k1' },
  ...{ issuedAt: now - 60, expiresAt: now + 840 },
  ...more,
});

describe('revocations', () => {
  it('refuse tokens of an ended session and of a revoked key, and no others', async () => {
    const { revocations, learn } = setUp();
    expect(revocations.judge(caller())).toEqual(caller());
    await learn(revoked('session', 's1'), revoked('key', 'k2'));
    expect(revocations.judge(caller())).toBeUndefined();
    expect(revocations.judge(caller({ sessionId: 's2' }))).toEqual(caller({ sessionId: 's2' }));
    expect(revocations.judge(caller({ sessionId: 's2', keyId: 'k2' }))).toBeUndefined();
  });

  it('refuse every token of an ended session, however far ahead the clock that dated it', async () => {
    const { revocations, learn } = setUp();
    await learn(revoked('session', 's1'));
    expect(revocations.judge(caller({ issuedAt: now + 3600 }))).toBeUndefined();
  });

  it('take an API key again that was looked up after its end had been committed', async () => {
    const { revocations, learn } = setUp();
    await learn(revoked('session', 'key1'));
    const key = (issuedAt: number) =>
      caller({ sessionId: 'key1', scopes: ['posts:read'], issuedAt });
    expect(revocations.judge(key(now + 9))).toBeUndefined();
    expect(revocations.judge(key(now + 11))).toBeDefined();
  });

  it('are all read anew where the database was restored to an earlier state', async () => {
    const { feed, revocations, learn } = setUp();
    await learn();
    feed.restoredTo = 50;
    await learn();
    await learn();
    expect(feed.cursors).toEqual([BEGINNING, '101:101:', BEGINNING]);
    expect(revocations.judge(caller())).toBeDefined();
  });

  it('give an outdated token the roles of now, the latest of several', async () => {
    const { revocations, learn } = setUp();
    await learn(revoked('roles', 'ada', { roles: ['user'] }));
    expect(revocations.judge(caller())?.roles).toEqual(['user']);
    await learn(revoked('roles', 'ada', { roles: ['user', 'moderator'], createdAt: now + 1 }));
    expect(revocations.judge(caller())?.roles).toEqual(['user', 'moderator']);
    expect(revocations.judge(caller({ userId: 'bob' }))?.roles).toEqual(['admin']);
  });

  it('are read on from where the last page ended', async () => {
    const { feed, revocations, learn } = setUp();
    await revocations.loaded();
    await revocations.loaded();
    await learn();
    expect(feed.cursors).toEqual([BEGINNING, '101:101:']);
  });

  it('are read once more by who has just written one, when a reading was under way', async () => {
    const { feed, revocations, learn } = setUp();
    feed.items = [];
    const under = revocations.loaded(); // it sees nothing of what is committed now
    await learn(revoked('session', 's1'));
    await under;
    expect(feed.cursors).toHaveLength(2);
    expect(revocations.judge(caller())).toBeUndefined();
  });

  it('A9 are read once more when the bus tells of one while a reading is under way', async () => {
    jest.useFakeTimers();
    const feed = new Pages();
    let tell = (_message: BusMessage): void => undefined;
    const bus = { subscribe: (listener: typeof tell) => ((tell = listener), () => undefined) };
    const lifecycle = { onStop: () => undefined } as unknown as Lifecycle;
    const revocations = new Revocations(feed, bus as Bus, lifecycle);
    revocations.onModuleInit();
    await jest.advanceTimersByTimeAsync(100); // its first look, and the rest behind it
    let arrive = (): void => undefined;
    feed.way = new Promise((resolve) => (arrive = resolve));
    const under = revocations.catchUp(); // for a logout here: it sees nothing of what is committed elsewhere
    await jest.advanceTimersByTimeAsync(1);
    feed.items = [revoked('session', 's1')];
    tell({ topic: 'revocations' });
    arrive();
    await under;
    await jest.advanceTimersByTimeAsync(1);
    expect(revocations.judge(caller())).toBeUndefined();
    jest.useRealTimers();
  });

  it('tell of what is new, not of what came twice', async () => {
    const { revocations, learn } = setUp();
    let told = 0;
    revocations.onChange(() => told++);
    await learn(revoked('session', 's1'));
    await learn(revoked('session', 's1'));
    expect(told).toBe(1);
    await learn(revoked('session', 's1'), revoked('session', 's2'));
    expect(told).toBe(2);
  });

  it('are forgotten when no token can need them any more', async () => {
    const { revocations, learn } = setUp();
    await learn(revoked('session', 's1', { expiresAt: now - 1 }));
    await learn();
    expect(revocations.judge(caller())).toBeDefined();
  });

  it('refuse, when there are more than fit, every token from before the oldest that is known', async () => {
    const { revocations, learn } = setUp();
    const many = Array.from({ length: MAX_REVOCATIONS }, (_, n) =>
      revoked('session', `x${n}`, { createdAt: now - n / 1000 }),
    );
    await learn(...many); // newest first: as many as a page holds, so there may be more
    expect(revocations.judge(caller({ issuedAt: now - 99 }))).toBeDefined();
    expect(revocations.judge(caller({ issuedAt: now - 100 }))).toBeUndefined();
    await learn(revoked('session', 's1', { createdAt: now + 1 }));
    expect(revocations.judge(caller({ issuedAt: now }))).toBeUndefined();
    expect(revocations.judge(caller({ issuedAt: now, sessionId: 'x1' }))).toBeUndefined();
  });
});
