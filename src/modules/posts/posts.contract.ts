/** What posts offers the other modules. The only file of this module that they may import. */
import type { Profile } from '../auth/auth.contract.js';

/** Names of the events that posts publishes; the realtime contract lists them. */
export const postEvents = {
  postCreated: 'post.created',
  userFollowed: 'user.followed',
  /** Internal: it goes to no topic, sockets only adjust what a feed holds. */
  userUnfollowed: 'user.unfollowed',
} as const;

/** Internal: what lists may show of an author has changed. They go to no channel. */
export const authorEvents = { hidden: 'author.hidden', shown: 'author.shown' } as const;

/** Internal: nothing of an author is left; what was published of them before has been counted by then. On no channel. */
export const AUTHOR_PURGED = 'author.purged';

/** `data` of the events above. */
export interface AuthorEvent {
  authorId: string;
}

/** `data` of `post.created`: the list item, without what depends on who looks. */
export interface PostCreated {
  id: string;
  author: Profile;
  title: string | null;
  excerpt: string;
  kind: string;
  language: string | null;
  tags: string[];
  createdAt: string;
  editedAt: string | null;
  counts: { likes: number; comments: number; views: number; bookmarks: number };
}

/** `data` of `user.followed`. */
export interface UserFollowed {
  follower: Profile;
  followed: Profile;
  at: string;
}

/** `data` of `user.unfollowed`. */
export interface UserUnfollowed {
  followerId: string;
  authorId: string;
}

/** The channels that events of posts go to. */
export const postChannels = {
  /** Posts anyone may see. */
  public: (authorId: string): string => `posts.public:${authorId}`,
  /** Posts that followers may see: public ones too, so a feed needs one channel an author. */
  followers: (authorId: string): string => `posts.followers:${authorId}`,
  /** Posts for the author alone. */
  private: (authorId: string): string => `posts.private:${authorId}`,
  /** Somebody follows this account. */
  followed: (userId: string): string => `followed:${userId}`,
  /** This account follows, or stops following, somebody. */
  follows: (userId: string): string => `follows:${userId}`,
} as const;

/** The channels of a feed: what the user writes, and what the followed authors write for followers. */
export function feedChannels(userId: string, followed: readonly string[]): string[] {
  return [
    ...followed.map(postChannels.followers),
    postChannels.followers(userId),
    postChannels.private(userId),
  ];
}

/** In this process or over the wire: callers cannot tell. */
export abstract class PostsApi {
  /** The authors that a user follows, at most `posts.maxFollowing` of them. */
  abstract followedAuthors(tenantId: string, userId: string): Promise<string[]>;
}

/** The author whose posts travel on a channel of posts. */
export function authorOfChannel(channel: string): string | undefined {
  return /^posts\.(?:public|followers|private):(.+)$/.exec(channel)?.[1];
}

/** The user whose follows travel on a channel. */
export function followerOfChannel(channel: string): string | undefined {
  return /^follows:(.+)$/.exec(channel)?.[1];
}
