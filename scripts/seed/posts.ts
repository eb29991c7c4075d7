import { v7 as uuidv7 } from 'uuid';
import { TENANT, type SeededUser } from './accounts.ts';
import { pick, pickByShare, zipf } from './random.ts';
import { bodyOf, categories, sentence, topics } from './text.ts';
import { recentMoment } from './times.ts';

/** A row of `posts.posts`. */
export interface PostRow {
  id: string;
  tenant_id: string;
  author_id: string;
  title: string | null;
  body: string;
  kind: string;
  language: string | null;
  category: string | null;
  tags: string[];
  visibility: string;
  likes: number;
  comments: number;
  views: number;
  bookmarks: number;
  created_at: Date;
  updated_at: Date;
  edited_at: Date | null;
}

const MAX_BODY = 10_000;
const AUTHOR_SKEW = 0.8;
const kindShares = { note: 0.7, article: 0.12, poem: 0.1, prose: 0.06, drama: 0.02 };
const visibilityShares = { public: 0.92, followers: 0.06, private: 0.02 };
const medianLength = { note: 140, article: 1800, poem: 300, prose: 1200, drama: 900 };

/**
 * Posts of the last 30 days: few authors write most of them, most are short public notes.
 * Reactions stay at zero, because no rows stand behind them.
 *
 * @param onAuthor told whose post each one is
 */
export function* makePosts(
  count: number,
  users: readonly SeededUser[],
  onAuthor: (index: number) => void,
): Generator<PostRow> {
  const author = zipf(users.length, AUTHOR_SKEW);
  const topic = zipf(topics.length, 1);
  for (let index = 0; index < count; index++) {
    const writer = author();
    onAuthor(writer);
    yield makePost(users[writer]?.id ?? '', () => topics[topic()] ?? topics[0]);
  }
}

function makePost(authorId: string, topic: () => string): PostRow {
  const kind = pickByShare(kindShares);
  const createdAt = recentMoment();
  const sinceMs = Date.now() - createdAt.getTime();
  const editedAt =
    Math.random() < 0.03 ? new Date(createdAt.getTime() + Math.random() * sinceMs) : null;
  const tags = new Set<string>();
  for (let left = pick([0, 0, 1, 1, 2, 3, 5]); left > 0; left--) tags.add(topic());
  return {
    id: uuidv7({ msecs: createdAt.getTime() }),
    tenant_id: TENANT,
    author_id: authorId,
    title: kind === 'note' ? null : sentence(2 + Math.random() * 6),
    body: bodyOf(medianLength[kind], MAX_BODY, kind === 'poem'),
    kind,
    language: Math.random() < 0.85 ? 'en' : null,
    category: kind !== 'note' && Math.random() < 0.5 ? pick(categories) : null,
    tags: [...tags],
    visibility: pickByShare(visibilityShares),
    likes: 0,
    comments: 0,
    views: 0,
    bookmarks: 0,
    created_at: createdAt,
    updated_at: editedAt ?? createdAt,
    edited_at: editedAt,
  };
}
