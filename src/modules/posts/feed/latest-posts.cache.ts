import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { LoggedEvent } from '../../../platform/messaging/domain-event.js';
import { Tailer } from '../../../platform/messaging/tailer.js';
import {
  authorEvents,
  authorOfChannel,
  followerOfChannel,
  postEvents,
  type AuthorEvent,
} from '../posts.contract.js';

/** Authors and followers that one process remembers. */
const MAX_USERS = 100_000;
const changes = new Set<string>([
  postEvents.postCreated,
  postEvents.userFollowed,
  postEvents.userUnfollowed,
]);
const visibility = new Set<string>(Object.values(authorEvents));

/**
 * Which user posted, followed, unfollowed, went or came back last at which position of the event log, as far as this process
 * has read it. So a cached feed is checked when it is read, and a post needs no visit to the feeds of all
 * followers; and a feed that could not be forgotten at the moment of a follow is not shown for long.
 */
@Injectable()
export class LatestPosts implements OnModuleInit {
  /** Nothing is known of events up to here. */
  private floor: number;
  private readonly positions = new LRUCache<string, number>({
    max: MAX_USERS,
    dispose: (position, _user, reason) => {
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

  /**
   * Whether none of the authors of a feed, of whom its owner is one, has changed it after the position.
   * False also when that is not known.
   */
  noneSince(position: number, authors: readonly string[]): boolean {
    if (position < this.floor) return false;
    return authors.every((author) => (this.positions.peek(author) ?? 0) <= position);
  }

  private note(events: readonly LoggedEvent[]): void {
    for (const { type, channels, position, data } of events) {
      if (visibility.has(type))
        this.positions.set((JSON.parse(data) as AuthorEvent).authorId, position);
      if (!changes.has(type)) continue;
      for (const channel of channels) {
        const user = authorOfChannel(channel) ?? followerOfChannel(channel);
        if (user !== undefined) this.positions.set(user, position);
      }
    }
  }
}
