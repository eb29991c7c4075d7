import type { ClientBase } from 'pg';
import type { SeededUser } from './accounts.ts';
import { insertAll } from './bulk-insert.ts';

/** The numbers on the profiles of seeded accounts, counted while the rows are made. */
export class ProfileTotals {
  private readonly users: readonly SeededUser[];
  private readonly posts: Uint32Array;
  private readonly followers: Uint32Array;
  private readonly following: Uint32Array;

  constructor(users: readonly SeededUser[]) {
    this.users = users;
    this.posts = new Uint32Array(users.length);
    this.followers = new Uint32Array(users.length);
    this.following = new Uint32Array(users.length);
  }

  addPost(author: number): void {
    this.posts[author] = (this.posts[author] ?? 0) + 1;
  }

  addFollow(follower: number, author: number): void {
    this.following[follower] = (this.following[follower] ?? 0) + 1;
    this.followers[author] = (this.followers[author] ?? 0) + 1;
  }

  /** Stores them where posts counts and where auth shows them, as the application keeps both. */
  async save(client: ClientBase): Promise<void> {
    await insertAll(client, 'posts.author_counts', this.rows('author_id'));
    await insertAll(client, 'auth.profile_counts', this.rows('user_id'));
  }

  private *rows(idColumn: 'author_id' | 'user_id'): Generator<Record<string, string | number>> {
    for (const [index, user] of this.users.entries()) {
      yield {
        [idColumn]: user.id,
        posts: this.posts[index] ?? 0,
        followers: this.followers[index] ?? 0,
        following: this.following[index] ?? 0,
      };
    }
  }
}
