import { z } from 'zod';
import { pageOf } from '../../../platform/http/page.js';
import { text } from '../../../platform/http/text.js';

export const kinds = ['note', 'article', 'poem', 'prose', 'drama'] as const;
export const visibilities = ['public', 'followers', 'private'] as const;

const tag = z
  .string()
  .normalize('NFKC')
  .toLowerCase()
  .regex(/^[\p{L}\p{N}_-]{1,50}$/u, 'expected 1 to 50 letters, digits, "_" or "-"');

export const newPost = z
  .strictObject({
    body: text(1, 10_000),
    title: text(1, 200).optional(),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'expected a BCP 47 tag, e.g. "en"')
      .max(35)
      .optional(),
    kind: z.enum(kinds).default('note'),
    tags: z.array(tag).max(10).default([]),
    category: text(1, 50).optional(),
    visibility: z.enum(visibilities).default('public'),
    mediaIds: z.array(z.uuid()).max(0, 'there is no such media').optional(),
  })
  .meta({ id: 'NewPost' });
export type NewPost = z.output<typeof newPost>;

const author = z
  .object({
    id: z.uuid(),
    username: z.string(),
    displayName: z.string(),
    avatarUrl: z.string().nullable(),
  })
  .meta({ id: 'Author' });

/** A post in a list. */
export const listItem = z
  .object({
    id: z.uuid(),
    author,
    title: z.string().nullable(),
    excerpt: z.string(),
    kind: z.enum(kinds),
    language: z.string().nullable(),
    tags: z.array(z.string()),
    createdAt: z.iso.datetime(),
    editedAt: z.iso.datetime().nullable(),
    counts: z.object({ likes: z.int(), comments: z.int(), views: z.int(), bookmarks: z.int() }),
    viewer: z.object({ liked: z.boolean(), bookmarked: z.boolean() }),
  })
  .meta({ id: 'PostListItem' });
export type ListItem = z.output<typeof listItem>;

/** A post on its own. */
export const postDetail = listItem
  .extend({
    body: z.string(),
    category: z.string().nullable(),
    visibility: z.enum(visibilities),
    media: z.array(z.object({ id: z.uuid() })),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'PostDetail' });
export type PostDetail = z.output<typeof postDetail>;

export const postPage = pageOf(listItem).meta({ id: 'PostPage' });
