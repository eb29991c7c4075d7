import { Inject, Injectable } from '@nestjs/common';
import { EventLog } from '../../../platform/messaging/event-log.js';
import type { LoggedEvent } from '../../../platform/messaging/domain-event.js';
import type { Principal } from '../../../platform/security/principal.js';
import { realtimeConfig, type RealtimeConfig } from '../realtime.config.js';
import { CloseCode } from './close-codes.js';
import type { Connection } from './connection.js';
import { eventFrame } from './event-frame.js';
import type { ClientFrame } from './frames.js';
import { Hub } from './hub.js';
import { Subscription } from './subscription.js';
import { Topics } from './topics.js';

const PAGE = 200;

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
    const topics = [...new Set(frame.topics)].filter(
      (topic) => !connection.subscriptions.has(topic),
    );
    if (connection.subscriptions.size + topics.length > this.config.maxTopics) {
      return connection.send({
        op: 'error',
        id,
        code: 'too_many_topics',
        message: `At most ${this.config.maxTopics} topics.`,
      });
    }
    const wanted = await Promise.all(
      topics.map(async (topic) => ({ topic, channels: await this.topics.channelsOf(topic, user) })),
    );
    if (connection.socket.readyState !== connection.socket.OPEN) return;
    const subscriptions: Subscription[] = [];
    for (const { topic, channels } of wanted) {
      if (!channels)
        return connection.close(CloseCode.forbidden, 'a topic of the resume is not allowed');
      const subscription = new Subscription(connection, topic);
      subscription.live = false;
      connection.subscriptions.set(topic, subscription);
      this.hub.add(subscription, channels);
      subscriptions.push(subscription);
    }
    const { epoch, position } = this.hub.head;
    const known = frame.epoch === epoch && frame.offset <= position;
    const recovered = known && (await this.replay(connection, user, subscriptions, frame.offset));
    // Without a recovery the client reads by REST; what comes after this offset reaches it here.
    for (const subscription of subscriptions) subscription.live = true;
    connection.send({ op: 'resumed', id, recovered, offset: this.hub.head.position });
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
    const topicOf = new Map<string, string>();
    for (const { channels, topic } of subscriptions)
      for (const channel of channels) topicOf.set(channel, topic);
    const channels = [...topicOf.keys()];
    let reached = offset;
    do {
      const upTo = this.hub.head.position;
      const page = await this.events.ofChannels(reached, upTo, user.tenantId, channels, PAGE);
      // Looked at after the page: what was pruned before it was read may be missing in it.
      if ((await this.events.head()).prunedTo > reached) return false;
      for (const event of page) this.send(connection, event, topicOf);
      reached = page.length < PAGE ? upTo : (page.at(-1)?.position ?? upTo);
      await drained(connection, this.config.maxBufferedBytes / 2);
      if (connection.socket.readyState !== connection.socket.OPEN) return false;
    } while (reached < this.hub.head.position);
    for (const subscription of subscriptions) subscription.live = true;
    return true;
  }

  private send(connection: Connection, event: LoggedEvent, topicOf: Map<string, string>): void {
    const channel = event.channels.find(
      (candidate) => topicOf.has(candidate) && !candidate.startsWith('follows:'),
    );
    const topic = channel && topicOf.get(channel);
    if (topic) connection.sendEvent(event.position, eventFrame(event)(topic));
  }
}

/** Waits until the client has read most of what it was sent: a replay must not close it as too slow. */
async function drained(connection: Connection, bytes: number): Promise<void> {
  const { socket } = connection;
  while (socket.bufferedAmount > bytes && socket.readyState === socket.OPEN) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
