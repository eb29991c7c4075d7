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
