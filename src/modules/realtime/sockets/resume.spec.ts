import { describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'ws';
import type { LoggedEvent } from '../../../platform/messaging/domain-event.js';
import type { EventLog } from '../../../platform/messaging/event-log.js';
import type { Tailer } from '../../../platform/messaging/tailer.js';
import type { Principal } from '../../../platform/security/principal.js';
import { feedChannels } from '../../posts/posts.contract.js';
import { realtimeConfig } from '../realtime.config.js';
import { Connection } from './connection.js';
import { HandleFrame } from './handle-frame.js';
import { Hub } from './hub.js';
import { Resume } from './resume.js';
import { Topics } from './topics.js';

const ada: Principal = {
  ...{ userId: 'ada', tenantId: 'default', sessionId: 's1', roles: ['user'] },
  ...{ issuedAt: 0, expiresAt: Date.now() / 1000 + 900 },
};

/** A log of Ada's own posts, an instance that has read it up to some position, and her socket there. */
function setUp({ logged, read }: { logged: number; read: number }) {
  const log = Array.from({ length: logged }, (_, index) => post(index + 1));
  let dispatch: (events: LoggedEvent[]) => void = () => undefined;
  const head = { epoch: 'e', position: read, prunedTo: 0 };
  /** The instance reads the next events of the log and hands them on. */
  const readUpTo = (position: number): void => {
    const events = log.slice(head.position, position);
    head.position = position;
    dispatch(events);
  };
  const hub = new Hub({
    head,
    follow: (follower: typeof dispatch) => ((dispatch = follower), () => undefined),
    catchUp: () => Promise.resolve(readUpTo(log.length)),
  } as unknown as Tailer);
  hub.onModuleInit();

  const seen: (string | number)[] = [];
  const socket = {
    ...{ readyState: 1, OPEN: 1, bufferedAmount: 0 },
    send: (text: string) => {
      const frame = JSON.parse(text) as { op: string; offset: number };
      seen.push(frame.op === 'event' ? frame.offset : frame.op);
    },
  } as unknown as WebSocket;
  const config = realtimeConfig.schema.parse({});
  const connection = new Connection(socket, config);
  connection.authenticate(ada);
  connection.dispose();

  let meanwhile = (): void => undefined;
  const followedAuthors = () => Promise.resolve(meanwhile()).then(() => []);
  const topics = new Topics({ followedAuthors }, hub);
  const events = {
    head: () => Promise.resolve({ ...head, position: log.length }),
    ofChannels: (after: number, upTo: number) => Promise.resolve(log.slice(after, upTo)),
  } as unknown as EventLog;
  const resume = new Resume(hub, topics, events, config);
  const frames = new HandleFrame(hub, topics, {} as never, {} as never, resume, config);
  return {
    seen,
    readUpTo,
    /** What happens while it is looked up who is followed. */
    whileOpening: (work: () => void) => void (meanwhile = work),
    subscribe: () => frames.execute(connection, { op: 'subscribe', id: 1, topic: 'feed' }),
    resume: (offset: number) =>
      frames.execute(connection, { op: 'resume', id: 1, epoch: 'e', offset, topics: ['feed'] }),
  };
}

function post(position: number): LoggedEvent {
  return {
    ...{ position, type: 'post.created', tenantId: 'default', channels: feedChannels('ada', []) },
    ...{ data: '{}', at: '2026-11-20T12:00:00.000Z', trace: null },
  };
}

describe('W8 a resume', () => {
  it('does not repeat what the client has seen elsewhere and this instance reads meanwhile', async () => {
    const { seen, readUpTo, whileOpening, resume } = setUp({ logged: 4, read: 1 });
    whileOpening(() => readUpTo(3));
    await resume(2);
    expect(seen).toEqual([3, 'resumed']);
    readUpTo(4);
    expect(seen).toEqual([3, 'resumed', 4]);
  });

  it('keeps the order when more is read while the topic is opened', async () => {
    const { seen, readUpTo, whileOpening, resume } = setUp({ logged: 3, read: 2 });
    whileOpening(() => readUpTo(3));
    await resume(1);
    expect(seen).toEqual([2, 3, 'resumed']);
  });

  it('catches up first when the client has seen more than this instance', async () => {
    const { seen, resume } = setUp({ logged: 3, read: 1 });
    await resume(3);
    expect(seen).toEqual(['resumed']);
  });
});

describe('a subscription', () => {
  it('begins after the offset that its answer names', async () => {
    const { seen, readUpTo, whileOpening, subscribe } = setUp({ logged: 3, read: 1 });
    whileOpening(() => readUpTo(2));
    await subscribe();
    readUpTo(3);
    expect(seen).toEqual(['subscribed', 3]);
  });
});
