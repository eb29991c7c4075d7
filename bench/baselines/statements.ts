/**
 * What the baselines ask of PostgreSQL: the least that gives the same answers as Mainstay, each a
 * named statement. The skeleton of the feed is Mainstay's own.
 */
const AUTHOR = `u.id AS "userId", u.username, u.display_name AS "displayName", u.avatar_url AS "avatarUrl"`;
const POST = `p.id, p.title, p.body, p.kind, p.language, p.category, p.tags, p.visibility, p.likes, p.comments,
  p.views, p.bookmarks, p.created_at AS "createdAt", p.updated_at AS "updatedAt", p.edited_at AS "editedAt"`;

export const statements = {
  getPost: {
    name: 'getPost',
    text: `SELECT ${POST}, ${AUTHOR} FROM posts.posts p JOIN auth.users u ON u.id = p.author_id WHERE p.id = $1`,
  },
  feedSkeleton: {
    name: 'feedSkeleton',
    text: `SELECT post.id
      FROM (SELECT author_id FROM posts.follows WHERE tenant_id = $1 AND follower_id = $2 UNION ALL SELECT $2::uuid) AS a
      CROSS JOIN LATERAL (
        SELECT p.id FROM posts.posts p
        WHERE p.tenant_id = $1 AND p.author_id = a.author_id AND p.id < $3
          AND (p.visibility <> 'private' OR a.author_id = $2)
        ORDER BY p.id DESC LIMIT $4
      ) AS post
      ORDER BY post.id DESC LIMIT $4`,
  },
  feedPosts: {
    name: 'feedPosts',
    text: `SELECT ${POST}, ${AUTHOR} FROM posts.posts p JOIN auth.users u ON u.id = p.author_id
      WHERE p.id = ANY($1::uuid[]) ORDER BY p.id DESC`,
  },
  createPost: {
    name: 'createPost',
    text: `WITH p AS (
        INSERT INTO posts.posts (id, tenant_id, author_id, title, body, kind, language, category, tags, visibility)
        VALUES ($1, 'default', $2, $3, $4, $5, $6, $7, $8, $9) RETURNING *
      ) SELECT ${POST}, ${AUTHOR} FROM p JOIN auth.users u ON u.id = p.author_id`,
  },
  getProfile: {
    name: 'getProfile',
    text: `SELECT u.id, u.username, u.display_name AS "displayName", u.bio, u.avatar_url AS "avatarUrl",
        u.created_at AS "createdAt", c.posts, c.followers, c.following
      FROM auth.users u LEFT JOIN auth.profile_counts c ON c.user_id = u.id
      WHERE u.tenant_id = 'default' AND u.username_key = $1`,
  },
  findLogin: {
    name: 'findLogin',
    text: `SELECT id, password_hash AS "passwordHash" FROM auth.users WHERE tenant_id = 'default' AND username_key = $1`,
  },
  openSession: {
    name: 'openSession',
    text: `WITH session AS (
        INSERT INTO auth.sessions (id, tenant_id, user_id, ip, device, expires_at)
        VALUES ($1, 'default', $2, '127.0.0.1', 'bench', now() + interval '30 days') RETURNING id
      ) INSERT INTO auth.refresh_tokens (hash, session_id) SELECT $3, id FROM session`,
  },
} as const;

export interface PostRow {
  id: string;
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
  createdAt: Date;
  updatedAt: Date;
  editedAt: Date | null;
  userId: string;
  username: string;
  displayName: string;
  avatarUrl: string | null;
}

export interface ProfileRow {
  id: string;
  username: string;
  displayName: string;
  bio: string;
  avatarUrl: string | null;
  createdAt: Date;
  posts: number | null;
  followers: number | null;
  following: number | null;
}
