import { EXCERPT_LENGTH } from './post.js';

const SHARED = `p.id, p.tenant_id AS "tenantId", p.author_id AS "authorId", p.title, p.kind, p.language, p.tags,
  p.likes, p.comments, p.views, p.bookmarks, p.created_at AS "createdAt", p.edited_at AS "editedAt"`;
/** The columns of a `Post`, of a table that is called `p`. */
export const DETAIL = `${SHARED}, p.body, p.category, p.visibility, p.updated_at AS "updatedAt"`;
/**
 * The columns of a `PostSummary`. A list carries no whole bodies: one character more than an excerpt
 * tells whether it is cut.
 */
export const SUMMARY = `${SHARED}, left(p.body, ${EXCERPT_LENGTH + 1}) AS body`;
