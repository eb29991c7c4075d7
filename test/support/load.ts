import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { Client, type Account } from './client.js';

type Kind = 'feed' | 'list' | 'post' | 'profile' | 'write';

/** One request and what became of it. */
export interface Sample {
  kind: Kind;
  /** Milliseconds since the epoch. */
  startedAt: number;
  ms: number;
  /** 0: there was no answer. */
  status: number;
  /** 0 for the first request of an operation, then its retries. */
  attempt: number;
  retryAfter: string | null;
  degraded: string | null;
  error?: string;
}

/** A write that was acknowledged. */
export interface Written {
  id: string;
  body: string;
  key: string;
}

export interface LoadOptions {
  /** Operations that begin in a second. */
  rate?: number;
  /** Operations under way at most; beyond that none begins. */
  concurrency?: number;
}

/** A fifth of the operations are writes. */
const mix: Kind[] = ['feed', 'post', 'write', 'post', 'profile', 'feed', 'list', 'post'];
mix.push('write', 'profile');
const AUTHORS = 4;
const ATTEMPTS = 10;
const LONGEST_MS = 20_000;
/** Answers that ask for another attempt; 409 says that the one before is still at work. */
const again = new Set([0, 409, 429, 502, 503, 504]);

/**
 * Reads and writes as clients make them, at a steady rate. What fails is repeated, a write with its
 * Idempotency-Key, as the contract invites to; every request is recorded.
 */
export class Load {
  readonly samples: Sample[] = [];
  readonly written: Written[] = [];
  /** Writes that were given up: nobody knows what became of them. */
  readonly unresolved: { body: string; key: string }[] = [];
  private readonly run = randomBytes(6).toString('hex');
  private readonly underway = new Set<Promise<void>>();
  private begun = 0;
  private stopped = false;
  private readonly finished: Promise<void>;

  private constructor(
    private readonly client: Client,
    readonly authors: Account[],
    { rate = 60, concurrency = 32 }: LoadOptions,
  ) {
    this.finished = this.drive(1000 / rate, concurrency);
  }

  /** Makes the authors, and begins. */
  static async start(url: string, options: LoadOptions = {}): Promise<Load> {
    const client = new Client(url);
    const authors: Account[] = [];
    for (let n = 0; n < AUTHORS; n++) authors.push(await client.account('load'));
    for (const author of authors) await client.write(author, 'Before the load.');
    return new Load(client, authors, options);
  }

  /** Begins nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.finished;
    await Promise.all(this.underway);
  }

  /** The first request of every operation: what a client without patience saw. */
  get first(): Sample[] {
    return this.samples.filter((sample) => sample.attempt === 0);
  }

  /** Shares of the operations that succeeded at once, and with retries. */
  availability(): { first: number; afterRetry: number; operations: number } {
    const operations = this.first.length;
    const first = this.first.filter(succeeded).length;
    const afterRetry = this.samples.filter(succeeded).length;
    return { first: first / operations, afterRetry: afterRetry / operations, operations };
  }

  /** Acknowledged writes that are not there, and writes that are there more than once. */
  async verify(pool: Pool): Promise<{ lost: string[]; doubled: string[] }> {
    const { rows } = await pool.query<{ id: string; body: string }>(
      'SELECT id, body FROM posts.posts WHERE body LIKE $1',
      [`${this.run}-%`],
    );
    const there = new Set(rows.map((row) => `${row.id} ${row.body}`));
    const seen = new Set<string>();
    return {
      lost: this.written.map(({ id, body }) => `${id} ${body}`).filter((post) => !there.has(post)),
      doubled: rows.map(({ body }) => body).filter((body) => seen.size === seen.add(body).size),
    };
  }

  private async drive(everyMs: number, concurrency: number): Promise<void> {
    const start = performance.now();
    while (!this.stopped) {
      const n = this.begun++;
      const operation = this.operate(n);
      this.underway.add(operation);
      void operation.finally(() => this.underway.delete(operation));
      await pause(Math.max(0, start + this.begun * everyMs - performance.now()));
      while (this.underway.size >= concurrency) await Promise.race(this.underway);
    }
  }

  private async operate(n: number): Promise<void> {
    const kind = mix[n % mix.length] ?? 'feed';
    const author = this.authors[n % AUTHORS] as Account;
    const post = this.written.at(-1)?.id;
    const paths = {
      feed: '/api/v1/posts/feed',
      list: `/api/v1/posts?author=${author.username}`,
      post: post === undefined ? '/api/v1/posts' : `/api/v1/posts/${post}`,
      profile: `/api/v1/users/${author.username}`,
      write: '/api/v1/posts',
    };
    const body = `${this.run}-${n}`;
    const key = `key-${body}`;
    const write = kind === 'write' ? { body, key } : undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { sample, id } = await this.request(kind, attempt, paths[kind], author, write);
      if (succeeded(sample)) {
        if (id !== undefined) this.written.push({ id, body, key });
        return;
      }
      if (!again.has(sample.status)) break;
      const advised = Number(sample.retryAfter ?? 0.1 * (attempt + 1)) * 1000;
      await pause(Math.min(advised, 1000));
    }
    if (kind === 'write') this.unresolved.push({ body, key });
  }

  private async request(
    kind: Kind,
    attempt: number,
    path: string,
    author: Account,
    post: { body: string; key: string } | undefined,
  ): Promise<{ sample: Sample; id: string | undefined }> {
    const sample: Sample = {
      ...{ kind, attempt, startedAt: Date.now(), ms: 0, status: 0 },
      ...{ retryAfter: null, degraded: null },
    };
    const started = performance.now();
    let id: string | undefined;
    try {
      const answer = await this.client.call(post ? 'POST' : 'GET', path, {
        token: author.token,
        ...(post && { body: { body: post.body }, headers: { 'idempotency-key': post.key } }),
        signal: AbortSignal.timeout(LONGEST_MS),
      });
      sample.status = answer.status;
      sample.retryAfter = answer.headers.get('retry-after');
      sample.degraded = answer.headers.get('x-degraded');
      if (!succeeded(sample)) sample.error = answer.text;
      else if (post) id = String(answer.body.id);
    } catch (error) {
      const { message, cause } = error as Error;
      sample.error = cause instanceof Error ? `${message}: ${cause.message}` : message;
    }
    sample.ms = performance.now() - started;
    this.samples.push(sample);
    return { sample, id };
  }
}

/** Whether a request did what it was for. */
export function succeeded({ kind, status }: Sample): boolean {
  return status === (kind === 'write' ? 201 : 200);
}
