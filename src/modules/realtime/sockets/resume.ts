import { Inject, Injectable } from '@nestjs/common';
import type { LoggedEvent } from '../../../platform/messaging/domain-event.js';
import { EventLog } from '../../../platform/messaging/event-log.js';
import type { Principal } from '../../../platform/security/principal.js';
import { realtimeConfig, type RealtimeConfig } from '../realtime.config.js';
import { CloseCode } from './close-codes.js';
import type { Connection } from './connection.js';
import { eventFrame } from './event-frame.js';
import type { ClientFrame } from './frames.js';
import { Hub } from './hub.js';
import type { Subscription } from './subscription.js';
import { Topics } from './topics.js';

const PAGE = 200;
/** A client that is sent what it missed and does not read it is closed after this. */
const PATIENCE_MS = 10_000;

type ResumeFrame = Extract<ClientFrame, { op: 'resume' }>;

/**
 * Brings a client that was away up to date: every event after its offset on its topics, from the
 * log, in order, once each; then it is live. What happens during the replay is part of it: the
 * subscriptions go live in the same turn of the event loop in which the replay has reached the hub.
 */
@Injectable()
export class Resume {
  constructor(
    private readonly hub: Hub,
    private readonly topics: Topics,
    private readonly events: EventLog,
    @Inject(realtimeConfig.KEY) private readonly config: RealtimeConfig,
  ) {}

  async execute(connection: Connection, user: Principal, frame: ResumeFrame): Promise<void> {
    const { id } = frame;
    const topics = [...new Set(frame.topics)];
    const all = new Set([...connection.subscriptions.keys(), ...topics]);
    if (all.size > this.config.maxTopics) {
      const message = `At most ${this.config.maxTopics} topics.`;
      return connection.send({ op: 'error', id, code: 'too_many_topics', message });
    }
    const subscriptions: Subscription[] = [];
    for (const topic of topics) {
      // One that is live already is taken back: it is replayed too, and goes live with the others.
      const subscription = await this.topics.open(connection, topic, user);
      if (connection.socket.readyState !== connection.socket.OPEN) return;
      if (!subscription)
        return connection.close(CloseCode.forbidden, 'a topic of the resume is not allowed');
      subscription.live = false;
      subscriptions.push(subscription);
    }
    const recovered = await this.recover(connection, user, subscriptions, frame);
    // Without a recovery the client reads by REST; what comes after this offset reaches it here.
    for (const subscription of subscriptions) subscription.live = true;
    connection.send({ op: 'resumed', id, recovered, offset: this.hub.head.position });
  }

  private async recover(
    connection: Connection,
    user: Principal,
    subscriptions: Subscription[],
    { epoch, offset }: ResumeFrame,
  ): Promise<boolean> {
    if (epoch !== this.hub.head.epoch) return false;
    // Another instance may have been quicker than this one: wait until it has seen as much.
    if (offset > this.hub.head.position) await this.hub.catchUp();
    if (offset > this.hub.head.position) return false;
    return this.replay(connection, user, subscriptions, offset);
  }

  /**
   * Sends what happened after the offset, until the hub is reached, and makes the subscriptions live
   * in that same moment.
   *
   * @returns false when some of it is gone from the log
   */
  private async replay(
    connection: Connection,
    user: Principal,
    subscriptions: Subscription[],
    offset: number,
  ): Promise<boolean> {
    let reached = offset;
    do {
      const upTo = this.hub.head.position;
      // Anew for each page: who is followed during the replay belongs to the feed from then on.
      const topicOf = topicsByChannel(subscriptions);
      const channels = [...topicOf.keys()];
      const page = await this.events.ofChannels(reached, upTo, user.tenantId, channels, PAGE);
      // Looked at after the page: what was pruned before it was read may be missing in it.
      if ((await this.events.head()).prunedTo > reached) return false;
      for (const event of page) send(connection, event, topicOf);
      reached = page.length < PAGE ? upTo : (page.at(-1)?.position ?? upTo);
      if (!(await drained(connection, this.config.maxBufferedBytes / 2))) return false;
    } while (reached < this.hub.head.position);
    for (const subscription of subscriptions) subscription.live = true;
    return true;
  }
}

function topicsByChannel(subscriptions: Subscription[]): Map<string, string> {
  const topicOf = new Map<string, string>();
  for (const { channels, topic } of subscriptions) {
    for (const channel of channels) topicOf.set(channel, topic);
  }
  return topicOf;
}

function send(connection: Connection, event: LoggedEvent, topicOf: Map<string, string>): void {
  const channel = event.channels.find(
    (candidate) => topicOf.has(candidate) && !candidate.startsWith('follows:'),
  );
  const topic = channel && topicOf.get(channel);
  if (topic) connection.sendEvent(event.position, eventFrame(event)(topic));
}

/**
 * Waits until the client has read most of what it was sent: a replay must not close it as too slow,
 * but one that reads nothing at all must not hold it up for ever either.
 *
 * @returns false when the connection is gone
 */
async function drained(connection: Connection, bytes: number): Promise<boolean> {
  const { socket } = connection;
  const deadline = performance.now() + PATIENCE_MS;
  while (socket.bufferedAmount > bytes && socket.readyState === socket.OPEN) {
    if (performance.now() > deadline) connection.cut(CloseCode.tooSlow, 'reading too slowly');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return socket.readyState === socket.OPEN;
}
