import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { levelOf } from '../errors/outage.js';
import { loggerOf } from '../logging/logger.js';
import { Bus } from './bus.js';
import type { LoggedEvent } from './domain-event.js';
import { EventLog, type Head } from './event-log.js';
import { eventLogPosition } from './messaging.telemetry.js';
import { messagingConfig, type MessagingConfig } from './messaging.config.js';
import { WakeableLoop } from './wakeable-loop.js';

const log = loggerOf('messaging');

const PAGE = 500;

type Follower = (events: LoggedEvent[]) => void;

/**
 * Follows the event log from the moment it starts and hands every event, once and in order, to its
 * followers. The bus only wakes it: what it hands on is read from the log.
 */
@Injectable()
export class Tailer implements OnModuleInit {
  private readonly followers = new Set<Follower>();
  private current: Head = { epoch: '', position: 0, prunedTo: 0 };
  private readonly loop: WakeableLoop;
  private readonly waiting: (() => void)[] = [];
  private stopped = false;

  constructor(
    private readonly events: EventLog,
    private readonly bus: Bus,
    private readonly lifecycle: Lifecycle,
    @Inject(messagingConfig.KEY) config: MessagingConfig,
  ) {
    this.loop = new WakeableLoop(() => this.round(), {
      everyMs: config.relayIntervalMs,
      restMs: 0,
    });
  }

  /** Before any socket can connect: its `ready` names the position from here. */
  async onModuleInit(): Promise<void> {
    this.current = await this.events.head();
    eventLogPosition.set(this.current.position);
    const unsubscribe = this.bus.subscribe((message) => {
      if (message.topic === 'events' && message.position > this.current.position) this.loop.wake();
    });
    this.loop.start();
    this.lifecycle.onStop('outbox', () => {
      unsubscribe();
      this.stopped = true;
      for (const resolve of this.waiting.splice(0)) resolve();
      return this.loop.stop();
    });
  }

  /** Resolves once everything that is in the log now was handed on. */
  async catchUp(): Promise<void> {
    const { position } = await this.events.head();
    while (this.current.position < position && !this.stopped) {
      const handed = new Promise<void>((resolve) => this.waiting.push(resolve));
      this.loop.wake();
      await handed;
    }
  }

  /** The position up to which events were handed on, and the epoch it belongs to. */
  get head(): Head {
    return this.current;
  }

  /** Events after `head` reach the follower from now on. */
  follow(follower: Follower): () => void {
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }

  private async round(): Promise<void> {
    await this.read();
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private async read(): Promise<void> {
    try {
      for (;;) {
        const events = await this.events.after(this.current.position, PAGE);
        const last = events.at(-1);
        if (!last) return;
        this.current = { ...this.current, position: last.position };
        eventLogPosition.set(last.position);
        for (const follower of this.followers) hand(events, follower);
        if (events.length < PAGE) return;
      }
    } catch (error) {
      log.at(
        levelOf(error),
        { err: error, event: 'tail_failed' },
        'the event log could not be read; it is tried again',
      );
    }
  }
}

/** A follower that fails has its own fault: the log goes on for the others and for itself. */
function hand(events: LoggedEvent[], follower: Follower): void {
  try {
    follower(events);
  } catch (error) {
    log.error({ err: error, event: 'follower_failed' }, 'events could not be handed on');
  }
}
