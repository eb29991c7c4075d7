import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { log } from '../observability/logger.js';
import { Bus } from './bus.js';
import type { LoggedEvent } from './domain-event.js';
import { EventLog, type Head } from './event-log.js';
import { messagingConfig, type MessagingConfig } from './messaging.config.js';
import { WakeableLoop } from './wakeable-loop.js';

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

  constructor(
    private readonly events: EventLog,
    private readonly bus: Bus,
    private readonly lifecycle: Lifecycle,
    @Inject(messagingConfig.KEY) config: MessagingConfig,
  ) {
    this.loop = new WakeableLoop(() => this.read(), { everyMs: config.relayIntervalMs, restMs: 0 });
  }

  /** Before any socket can connect: its `ready` names the position from here. */
  async onModuleInit(): Promise<void> {
    this.current = await this.events.head();
    const unsubscribe = this.bus.subscribe(({ position }) => {
      if (position > this.current.position) this.loop.wake();
    });
    this.loop.start();
    this.lifecycle.onStop('outbox', () => {
      unsubscribe();
      return this.loop.stop();
    });
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

  private async read(): Promise<void> {
    try {
      for (;;) {
        const events = await this.events.after(this.current.position, PAGE);
        const last = events.at(-1);
        if (!last) return;
        this.current = { ...this.current, position: last.position };
        for (const follower of this.followers) follower(events);
        if (events.length < PAGE) return;
      }
    } catch (error) {
      log.warn(
        { err: error, event: 'tail_failed' },
        'the event log could not be read; it is tried again',
      );
    }
  }
}
