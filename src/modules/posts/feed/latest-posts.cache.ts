import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { LoggedEvent } from '../../../platform/messaging/domain-event.js';
import { Tailer } from '../../../platform/messaging/tailer.js';
import { authorOfChannel, postEvents } from '../posts.contract.js';

/** Authors that one process remembers. */
const MAX_AUTHORS = 100_000;

/**
 * Which author posted last at which position of the event log, as far as this process has read it. So
 * a cached feed is checked when it is read, and a post needs no visit to the feeds of all followers.
 */
@Injectable()
export class LatestPosts {
  /** Nothing is known of events up to here. */
  private floor: number;
  private readonly positions = new LRUCache<string, number>({
    max: MAX_AUTHORS,
    dispose: (position, _author, reason) => {
      if (reason === 'evict') this.floor = Math.max(this.floor, position);
    },
  });

  constructor(private readonly tailer: Tailer) {
    this.floor = Infinity; // until the log is followed nothing is known at all
  }

  onModuleInit(): void {
    this.tailer.follow((events) => this.note(events));
    this.floor = this.tailer.head.position;
  }

  /** Where the log stands; what is read from the database from now on holds everything up to here. */
  get position(): number {
    return this.tailer.head.position;
  }

  /** Whether none of the authors has posted after the position. False also when that is not known. */
  noneSince(position: number, authors: readonly string[]): boolean {
    if (position < this.floor) return false;
    return authors.every((author) => (this.positions.peek(author) ?? 0) <= position);
  }

  private note(events: readonly LoggedEvent[]): void {
    for (const { type, channels, position } of events) {
      if (type !== postEvents.postCreated) continue;
      const author = authorOfChannel(channels[0] ?? '');
      if (author !== undefined) this.positions.set(author, position);
    }
  }
}
