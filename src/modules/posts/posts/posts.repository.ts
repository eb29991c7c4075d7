import { Injectable } from '@nestjs/common';
import { BatchReader } from '../../../platform/database/batch-reader.js';
import { Database } from '../../../platform/database/database.js';
import { statement } from '../../../platform/database/statement.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { DETAIL, SUMMARY, type Post, type PostSummary } from './post.js';

// Arrays of arrays do not pass through unnest: the tags of a post travel as one text.
const insert = statement(
  'posts.insert',
  `INSERT INTO posts.posts
     (id, tenant_id, author_id, title, body, kind, language, category, tags, visibility, created_at, updated_at)
   SELECT p.id, p.tenant_id, p.author_id, p.title, p.body, p.kind, p.language, p.category,
     string_to_array(p.tags, ' '), p.visibility, p.created_at, p.created_at
   FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
     $9::text[], $10::text[], $11::timestamptz[])
     AS p (id, tenant_id, author_id, title, body, kind, language, category, tags, visibility, created_at)`,
);
// Read by primary key alone, so that posts of all tenants share a batch; the tenant is checked on the row.
const findByIds = statement(
  'posts.findByIds',
  `SELECT ${DETAIL} FROM posts.posts p WHERE p.id = ANY($1::uuid[])`,
);
const listPublic = statement(
  'posts.listPublic',
  `SELECT ${SUMMARY} FROM posts.posts p
   WHERE p.tenant_id = $1 AND visibility = 'public' AND ($2::uuid IS NULL OR id < $2)
     AND NOT EXISTS (SELECT FROM posts.hidden_authors h WHERE h.author_id = p.author_id)
   ORDER BY id DESC LIMIT $3`,
);
const listByAuthor = statement(
  'posts.listByAuthor',
  `SELECT ${SUMMARY} FROM posts.posts p
   WHERE p.tenant_id = $1 AND author_id = $2 AND visibility = ANY($3) AND ($4::uuid IS NULL OR id < $4)
   ORDER BY id DESC LIMIT $5`,
);

const removeByAuthor = statement(
  'posts.removeByAuthor',
  `DELETE FROM posts.posts WHERE id IN (
     SELECT id FROM posts.posts WHERE tenant_id = $1 AND author_id = $2 LIMIT $3
   ) RETURNING id`,
);

/** Posts, whole. */
export abstract class PostsRepository {
  abstract insert(tx: Tx, posts: readonly Post[]): Promise<void>;
  /** The post of that id in the tenant. Reads of the same moment share one query. */
  abstract find(tenantId: string, id: string): Promise<Post | undefined>;
  /** The posts of these ids in the tenant, by id; those that are not there are absent. */
  abstract findMany(tenantId: string, ids: readonly string[]): Promise<Map<string, Post>>;
  /** Removes posts of an author for good. @returns the ids of those, at most `limit` */
  abstract removeByAuthor(
    tx: Tx,
    tenantId: string,
    authorId: string,
    limit: number,
  ): Promise<string[]>;
  /** Public posts of the tenant before an id, newest first. */
  abstract listPublic(
    tenantId: string,
    before: string | undefined,
    limit: number,
  ): Promise<PostSummary[]>;
  /** Posts of one author in these visibilities before an id, newest first. */
  abstract listByAuthor(
    tenantId: string,
    authorId: string,
    visibilities: readonly string[],
    before: string | undefined,
    limit: number,
  ): Promise<PostSummary[]>;
}

type Row = Post & Record<string, unknown>;
type SummaryRow = PostSummary & Record<string, unknown>;

@Injectable()
export class PgPostsRepository extends PostsRepository {
  private readonly byId: BatchReader<Post>;

  constructor(private readonly database: Database) {
    super();
    this.byId = new BatchReader('posts.findById', async (ids) => {
      const rows = await this.database.readFresh<Row>(findByIds, [ids]);
      return new Map<string, Post>(rows.map((row) => [row.id, row]));
    });
  }

  async insert(tx: Tx, posts: readonly Post[]): Promise<void> {
    await tx.execute(insert, [
      posts.map((post) => post.id),
      posts.map((post) => post.tenantId),
      posts.map((post) => post.authorId),
      posts.map((post) => post.title),
      posts.map((post) => post.body),
      posts.map((post) => post.kind),
      posts.map((post) => post.language),
      posts.map((post) => post.category),
      posts.map((post) => post.tags.join(' ')),
      posts.map((post) => post.visibility),
      posts.map((post) => post.createdAt),
    ]);
  }

  async find(tenantId: string, id: string): Promise<Post | undefined> {
    const post = await this.byId.read(id);
    return post?.tenantId === tenantId ? post : undefined;
  }

  async findMany(tenantId: string, ids: readonly string[]): Promise<Map<string, Post>> {
    const rows = await this.database.readFresh<Row>(findByIds, [ids]);
    return new Map(
      rows.flatMap((row) => (row.tenantId === tenantId ? [[row.id, row as Post]] : [])),
    );
  }

  async removeByAuthor(
    tx: Tx,
    tenantId: string,
    authorId: string,
    limit: number,
  ): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(removeByAuthor, [tenantId, authorId, limit]);
    return rows.map(({ id }) => id);
  }

  listPublic(tenantId: string, before: string | undefined, limit: number): Promise<PostSummary[]> {
    return this.database.read<SummaryRow>(listPublic, [tenantId, before ?? null, limit]);
  }

  listByAuthor(
    tenantId: string,
    authorId: string,
    visibilities: readonly string[],
    before: string | undefined,
    limit: number,
  ): Promise<PostSummary[]> {
    return this.database.read<SummaryRow>(listByAuthor, [
      tenantId,
      authorId,
      visibilities,
      before ?? null,
      limit,
    ]);
  }
}
