import { describe, expect, it } from '@jest/globals';
import type { TokenVerifier } from '../../../platform/security/token-verifier.js';
import type { Principal } from '../../../platform/security/principal.js';
import type { Revocations } from '../../../platform/security/revocations.js';
import { realtimeConfig } from '../realtime.config.js';
import type { Connection } from './connection.js';
import { HandleFrame } from './handle-frame.js';
import type { Hub } from './hub.js';
import type { Resume } from './resume.js';
import type { Topics } from './topics.js';

const ada: Principal = {
  ...{ userId: 'ada', tenantId: 'default', sessionId: 's1', roles: ['user'] },
  ...{ issuedAt: 0, expiresAt: Date.now() / 1000 + 900 },
};

/** A socket that says what became of it. */
class Socket {
  principal: Principal | undefined;
  readonly seen: (string | number)[] = [];

  authenticate(principal: Principal): void {
    this.principal = principal;
  }
  close(code: number): void {
    this.seen.push(code);
  }
  send({ op }: { op: string }): void {
    this.seen.push(op);
  }
}

function setUp() {
  const revoked = new Set<string>();
  const judge = (caller: Principal) => (revoked.has(caller.sessionId) ? undefined : caller);
  const frames = new HandleFrame(
    { head: { epoch: 'e', position: 0 } } as unknown as Hub,
    {} as Topics,
    {} as TokenVerifier,
    { judge } as unknown as Revocations,
    {} as Resume,
    realtimeConfig.schema.parse({}),
  );
  const socket = new Socket();
  const admit = (principal: Principal): void =>
    frames.admit(socket as unknown as Connection, principal);
  return { revoked, socket, admit };
}

describe('a socket is made the user’s', () => {
  it('W3 but not when the session has ended since its token was verified', () => {
    const { revoked, socket, admit } = setUp();
    revoked.add('s1');
    admit(ada);
    expect([socket.seen, socket.principal]).toEqual([[4401], undefined]);
  });

  it('W3 nor again, with a token of a session that has ended', () => {
    const { revoked, socket, admit } = setUp();
    admit(ada);
    revoked.add('s2');
    admit({ ...ada, sessionId: 's2' });
    expect([socket.seen, socket.principal]).toEqual([['ready', 4401], ada]);
  });

  it('W10 and never somebody else’s', () => {
    const { socket, admit } = setUp();
    admit(ada);
    admit({ ...ada, userId: 'bob' });
    expect([socket.seen, socket.principal]).toEqual([['ready', 4403], ada]);
  });

  it('for an API key only with the scope for one of its topics', () => {
    const { socket, admit } = setUp();
    admit({ ...ada, scopes: ['account:read'] });
    expect([socket.seen, socket.principal]).toEqual([[4403], undefined]);
    admit({ ...ada, scopes: ['notifications:read'] });
    expect(socket.seen).toEqual([4403, 'ready']);
  });
});
