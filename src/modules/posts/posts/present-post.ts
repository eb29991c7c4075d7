import type { Profile } from '../../auth/auth.contract.js';
import type { PostCreated } from '../posts.contract.js';
import { EXCERPT_LENGTH, type Post, type PostSummary } from './post.js';
import type { ListItem, PostDetail } from './post.schemas.js';

/** What a list and an event show of a post, whoever looks. */
export function presentForAll(
  post: PostSummary,
  author: Profile,
): PostCreated & Pick<ListItem, 'kind'> {
  return {
    id: post.id,
    author,
    title: post.title,
    excerpt: excerptOf(post.body),
    kind: post.kind,
    language: post.language,
    tags: post.tags,
    createdAt: post.createdAt.toISOString(),
    editedAt: post.editedAt?.toISOString() ?? null,
    counts: {
      likes: post.likes,
      comments: post.comments,
      views: post.views,
      bookmarks: post.bookmarks,
    },
  };
}

export function presentItem(post: PostSummary, author: Profile): ListItem {
  // Reactions do not exist yet, so nobody has liked or bookmarked anything.
  return { ...presentForAll(post, author), viewer: { liked: false, bookmarked: false } };
}

export function presentDetail(post: Post, author: Profile): PostDetail {
  return {
    ...presentItem(post, author),
    body: post.body,
    category: post.category,
    visibility: post.visibility,
    media: [],
    updatedAt: post.updatedAt.toISOString(),
  };
}

/** The beginning of a text, never with half a character at its end. */
function excerptOf(body: string): string {
  if (body.length <= EXCERPT_LENGTH) return body;
  const cut = body.slice(0, EXCERPT_LENGTH);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
