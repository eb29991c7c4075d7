import type { PostRow, ProfileRow } from './statements.ts';

/** The same JSON as Mainstay's answers, made of rows; `bench/check.ts` compares the two. */
const EXCERPT_LENGTH = 280;

export function presentItem(row: PostRow) {
  return {
    id: row.id,
    author: {
      id: row.userId,
      username: row.username,
      displayName: row.displayName,
      avatarUrl: row.avatarUrl,
    },
    title: row.title,
    excerpt: row.body.slice(0, EXCERPT_LENGTH),
    kind: row.kind,
    language: row.language,
    tags: row.tags,
    createdAt: row.createdAt,
    editedAt: row.editedAt,
    counts: {
      likes: row.likes,
      comments: row.comments,
      views: row.views,
      bookmarks: row.bookmarks,
    },
    viewer: { liked: false, bookmarked: false },
  };
}

export function presentDetail(row: PostRow) {
  return {
    ...presentItem(row),
    body: row.body,
    category: row.category,
    visibility: row.visibility,
    media: [],
    updatedAt: row.updatedAt,
  };
}

export function presentProfile(row: ProfileRow) {
  return {
    id: row.id,
    username: row.username,
    displayName: row.displayName,
    bio: row.bio,
    avatarUrl: row.avatarUrl,
    createdAt: row.createdAt,
    counts: {
      posts: row.posts ?? 0,
      followers: row.followers ?? 0,
      following: row.following ?? 0,
    },
  };
}
