import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { Consumers } from '../../../platform/messaging/consumer.js';
import type { LoggedEvent } from '../../../platform/messaging/domain-event.js';
import { AuthApi, type ProfileCounts } from '../../auth/auth.contract.js';
import {
  AUTHOR_PURGED,
  postEvents,
  type AuthorEvent,
  type PostCreated,
  type UserFollowed,
  type UserUnfollowed,
} from '../posts.contract.js';

const add = statement(
  'authorCounts.add',
  `INSERT INTO posts.author_counts AS c (author_id, posts, followers, following)
   SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[])
   ON CONFLICT (author_id) DO UPDATE SET posts = c.posts + excluded.posts,
     followers = c.followers + excluded.followers, following = c.following + excluded.following
   RETURNING author_id AS "userId", posts, followers, following`,
);

const forget = statement(
  'authorCounts.forget',
  'DELETE FROM posts.author_counts WHERE author_id = ANY ($1::uuid[])',
);

type Delta = Omit<ProfileCounts, 'userId'>;

/**
 * Keeps the numbers on profiles: counts a page of events at a time, off the path of the requests,
 * and hands auth the new totals. Totals may be handed over twice, which changes nothing.
 */
@Injectable()
export class CountAuthors implements OnApplicationBootstrap {
  constructor(
    private readonly consumers: Consumers,
    private readonly auth: AuthApi,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.consumers.start({
      name: 'posts.count-authors',
      types: [...Object.values(postEvents), AUTHOR_PURGED],
      handle: (tx, events) => this.count(tx, events),
    });
  }

  private async count(tx: Tx, events: LoggedEvent[]): Promise<void> {
    const deltas = new Map<string, Delta>();
    const bump = (userId: string, change: Partial<Delta>): void => {
      const old = deltas.get(userId) ?? { posts: 0, followers: 0, following: 0 };
      deltas.set(userId, {
        posts: old.posts + (change.posts ?? 0),
        followers: old.followers + (change.followers ?? 0),
        following: old.following + (change.following ?? 0),
      });
    };
    const purged: string[] = [];
    for (const event of events) {
      const data: unknown = JSON.parse(event.data);
      if (event.type === postEvents.postCreated)
        bump((data as PostCreated).author.id, { posts: 1 });
      else if (event.type === postEvents.userFollowed) {
        bump((data as UserFollowed).follower.id, { following: 1 });
        bump((data as UserFollowed).followed.id, { followers: 1 });
      } else if (event.type === AUTHOR_PURGED) {
        purged.push((data as AuthorEvent).authorId);
      } else {
        bump((data as UserUnfollowed).followerId, { following: -1 });
        bump((data as UserUnfollowed).authorId, { followers: -1 });
      }
    }
    const changed = [...deltas];
    const totals = await tx.query<ProfileCounts & Record<string, unknown>>(add, [
      changed.map(([userId]) => userId),
      changed.map(([, delta]) => delta.posts),
      changed.map(([, delta]) => delta.followers),
      changed.map(([, delta]) => delta.following),
    ]);
    if (purged.length > 0) await tx.execute(forget, [purged]); // nothing of theirs follows
    await this.auth.setCounts(totals);
  }
}
