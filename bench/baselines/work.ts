import { createHash, randomBytes } from 'node:crypto';
import { verify } from '@node-rs/argon2';
import { LRUCache } from 'lru-cache';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { presentDetail, presentItem, presentProfile } from './present.ts';
import { statements, type PostRow, type ProfileRow } from './statements.ts';

/**
 * What both baselines do for a request, so that they differ in nothing but their HTTP layer. No
 * authentication, validation, logs, metrics or tracing: whoever calls is named by `x-user-id`.
 */
const pool = new pg.Pool({
  connectionString: process.env['DATABASE_URL'],
  max: Number(process.env['POOL_SIZE']),
  idleTimeoutMillis: 0, // while the others have their turn, or each run would begin by connecting
});
const profiles = new LRUCache<string, object>({ max: 10_000 });

const FEED_PAGE = 20;
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Answers only when the database does. */
export async function ready(): Promise<void> {
  await pool.query('SELECT 1');
}

export function close(): Promise<void> {
  return pool.end();
}

export async function getPost(id: string): Promise<object | undefined> {
  const { rows } = await pool.query<PostRow>({ ...statements.getPost, values: [id] });
  return rows[0] && presentDetail(rows[0]);
}

export async function getFeed(userId: string): Promise<object> {
  const { rows: skeleton } = await pool.query<{ id: string }>({
    ...statements.feedSkeleton,
    values: ['default', userId, LAST_ID, FEED_PAGE + 1],
  });
  const ids = skeleton.slice(0, FEED_PAGE).map((row) => row.id);
  const { rows } = await pool.query<PostRow>({ ...statements.feedPosts, values: [ids] });
  const nextCursor = skeleton.length > FEED_PAGE ? (ids.at(-1) ?? null) : null;
  return { items: rows.map(presentItem), nextCursor };
}

export interface PostInput {
  body: string;
  title?: string;
  kind?: string;
  language?: string;
  category?: string;
  tags?: string[];
  visibility?: string;
}

export async function createPost(userId: string, input: PostInput): Promise<object | undefined> {
  const { body, title, kind = 'note', language, category, tags = [] } = input;
  const { visibility = 'public' } = input;
  const { rows } = await pool.query<PostRow>({
    ...statements.createPost,
    values: [uuidv7(), userId, title, body, kind, language, category, tags, visibility],
  });
  return rows[0] && presentDetail(rows[0]);
}

export async function getProfile(username: string): Promise<object | undefined> {
  const known = profiles.get(username);
  if (known) return known;
  const { rows } = await pool.query<ProfileRow>({ ...statements.getProfile, values: [username] });
  const profile = rows[0] && presentProfile(rows[0]);
  if (profile) profiles.set(username, profile);
  return profile;
}

/** The access token is random text: signing is not part of the baseline. */
export async function login(identifier: string, password: string): Promise<object | undefined> {
  const { rows } = await pool.query<{ id: string; passwordHash: string }>({
    ...statements.findLogin,
    values: [identifier],
  });
  const account = rows[0];
  if (!account || !(await verify(account.passwordHash, password))) return undefined;
  const refreshToken = randomBytes(32).toString('base64url');
  const hash = createHash('sha256').update(refreshToken).digest();
  await pool.query({ ...statements.openSession, values: [uuidv7(), account.id, hash] });
  const accessToken = randomBytes(32).toString('base64url');
  return { accessToken, refreshToken, tokenType: 'Bearer', expiresIn: 900 };
}
