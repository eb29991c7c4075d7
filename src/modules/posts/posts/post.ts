import type { kinds, visibilities } from './post.schemas.js';

export type Visibility = (typeof visibilities)[number];

/** A post as the module itself knows it, whole. */
export interface Post {
  id: string;
  tenantId: string;
  authorId: string;
  title: string | null;
  body: string;
  kind: (typeof kinds)[number];
  language: string | null;
  category: string | null;
  tags: string[];
  visibility: Visibility;
  likes: number;
  comments: number;
  views: number;
  bookmarks: number;
  createdAt: Date;
  updatedAt: Date;
  editedAt: Date | null;
}

/** A post as a list shows it; `body` is its beginning only. */
export type PostSummary = Omit<Post, 'category' | 'visibility' | 'updatedAt'>;

export const EXCERPT_LENGTH = 280;

const SHARED = `p.id, p.tenant_id AS "tenantId", p.author_id AS "authorId", p.title, p.kind, p.language, p.tags,
  p.likes, p.comments, p.views, p.bookmarks, p.created_at AS "createdAt", p.edited_at AS "editedAt"`;
/** The columns of a `Post`, of a table that is called `p`. */
export const DETAIL = `${SHARED}, p.body, p.category, p.visibility, p.updated_at AS "updatedAt"`;
/**
 * The columns of a `PostSummary`. A list carries no whole bodies: one character more than an excerpt
 * tells whether it is cut.
 */
export const SUMMARY = `${SHARED}, left(p.body, ${EXCERPT_LENGTH + 1}) AS body`;
