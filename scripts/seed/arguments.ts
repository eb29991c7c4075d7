import { parseArgs } from 'node:util';

/** What to seed. */
export interface SeedPlan {
  users: number;
  posts: number;
  /** In all, not per user. */
  follows: number;
  /** Where access tokens go; undefined for none. */
  tokens: string | undefined;
  maxTokens: number;
}

/** The command line is wrong; the message says how it should be. */
export class UsageError extends Error {}

export const USAGE = `Usage: npm run seed -- --users N --posts N --follows N [--tokens FILE] [--max-tokens N]

  --users N        accounts to create, 1 to 1,000,000
  --posts N        posts of these accounts, 0 to 10,000,000
  --follows N      who follows whom among these accounts, in all
  --tokens FILE    writes ready access tokens (valid 24 h), one JSON object a line
  --max-tokens N   accounts that get a token at most, 1000 by default

DATABASE_URL names the database; without it the embedded one under .data/ is used.
Run it again to add more.`;

const MAX_USERS = 1_000_000;
const MAX_POSTS = 10_000_000;

/** @throws UsageError naming what is wrong */
export function parsePlan(args: string[], maxFollowing: number): SeedPlan {
  const values = read(args);
  const users = wholeNumber('users', values.users, 1, MAX_USERS);
  const posts = wholeNumber('posts', values.posts, 0, MAX_POSTS);
  const room = users * Math.min(users - 1, maxFollowing);
  const follows = wholeNumber('follows', values.follows, 0, room);
  const maxTokens = wholeNumber('max-tokens', values['max-tokens'] ?? '1000', 1, MAX_USERS);
  if (values.tokens === '') throw new UsageError('--tokens needs the name of a file.');
  return { users, posts, follows, tokens: values.tokens, maxTokens };
}

function read(args: string[]): Partial<Record<string, string>> {
  const options = {
    users: { type: 'string' },
    posts: { type: 'string' },
    follows: { type: 'string' },
    tokens: { type: 'string' },
    'max-tokens': { type: 'string' },
  } as const;
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function wholeNumber(name: string, text: string | undefined, min: number, max: number): number {
  if (text === undefined) throw new UsageError(`--${name} is missing.`);
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(
      `--${name} must be a whole number from ${min} to ${max}, not "${text.slice(0, 40)}".`,
    );
  }
  return value;
}
