import { bodyOf, sentence, topics } from '../scripts/seed/text.ts';
import { pick } from '../scripts/seed/random.ts';
import type { PreparedRequest } from './load/load.ts';
import type { ScenarioName } from './options.ts';
import type { Stage, TokenHolder } from './stage.ts';

export interface Scenario {
  name: ScenarioName;
  title: string;
  /** The status of a right answer. */
  status: number;
  /** Sent in turn, over and over; every server gets the same bytes. */
  requests: PreparedRequest[];
}

const POINT_READS = 20_000;
const HOT_PROFILES = 100;

/** Prepares the requests of the scenarios, before anything is timed. */
export async function makeScenarios(stage: Stage, only: ScenarioName[]): Promise<Scenario[]> {
  const { rows } = await stage.database.query<{ id: string }>(
    `SELECT id FROM posts.posts WHERE visibility = 'public' ORDER BY random() LIMIT $1`,
    [POINT_READS],
  );
  const { holders, password } = stage;
  const nth = (index: number): TokenHolder => holders[index % holders.length] as TokenHolder;
  const all: Record<ScenarioName, Omit<Scenario, 'name'>> = {
    get: {
      title: 'GET a post by id',
      status: 200,
      requests: rows.map(({ id }, index) => read(`/api/v1/posts/${id}`, nth(index))),
    },
    feed: {
      title: 'GET a feed of 20',
      status: 200,
      requests: holders.map((holder) => read('/api/v1/posts/feed', holder)),
    },
    create: {
      title: 'POST a post',
      status: 201,
      requests: holders.map((holder) => write('/api/v1/posts', newPost(), holder)),
    },
    cached: {
      title: 'GET a profile from memory',
      status: 200,
      requests: holders.map((holder, index) =>
        read(`/api/v1/users/${nth(index % HOT_PROFILES).username}`, holder),
      ),
    },
    login: {
      title: 'POST a login',
      status: 200,
      requests: holders.map(({ username }) =>
        write('/api/v1/auth/login', { identifier: username, password }),
      ),
    },
  };
  return only.map((name) => ({ name, ...all[name] }));
}

function newPost(): object {
  return {
    body: bodyOf(200, 2000, false),
    title: sentence(4),
    language: 'en',
    tags: [...new Set([pick(topics), pick(topics)])],
  };
}

/** Mainstay knows the caller by the token, the baselines by `x-user-id`; all get both. */
function callerHeaders(holder: TokenHolder | undefined): Record<string, string> {
  return holder ? { authorization: `Bearer ${holder.token}`, 'x-user-id': holder.userId } : {};
}

function read(path: string, holder: TokenHolder): PreparedRequest {
  return { method: 'GET', path, headers: callerHeaders(holder) };
}

function write(path: string, body: object, holder?: TokenHolder): PreparedRequest {
  const headers = { ...callerHeaders(holder), 'content-type': 'application/json' };
  return { method: 'POST', path, headers, body: JSON.stringify(body) };
}
