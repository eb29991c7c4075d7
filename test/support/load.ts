import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { Client, type Account } from './client.js';
import { send, succeeded, type Kind, type Sample } from './sample.js';

/** A write that was acknowledged. */
export interface Written {
  id: string;
  body: string;
  key: string | undefined;
}

export interface LoadOptions {
  /** Operations that begin in a second. */
  rate?: number;
  /** Operations under way at most; beyond that none begins. */
  concurrency?: number;
  /** Every other write goes without an Idempotency-Key; it is sent once, whatever becomes of it. */
  keyless?: boolean;
  /** Is done before the first operation, e.g. to follow the authors. */
  before?: (authors: Account[]) => Promise<void>;
}

/** A fifth of the operations are writes. */
const mix: Kind[] = ['feed', 'post', 'write', 'post', 'profile', 'feed', 'list', 'post'];
mix.push('write', 'profile');
const AUTHORS = 4;
const ATTEMPTS = 10;
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
  readonly unresolved: Omit<Written, 'id'>[] = [];
  private readonly run = randomBytes(6).toString('hex');
  private readonly underway = new Set<Promise<void>>();
  private readonly keyless: boolean;
  private begun = 0;
  private stopped = false;
  private readonly finished: Promise<void>;

  private constructor(
    private readonly client: Client,
    readonly authors: Account[],
    { rate = 60, concurrency = 32, keyless = false }: LoadOptions,
  ) {
    this.keyless = keyless;
    this.finished = this.drive(1000 / rate, concurrency);
  }

  /** Puts the load on for as long as `work` takes. @returns what became of it, when all is answered */
  static async during(
    url: string,
    work: (load: Load) => Promise<void>,
    options: LoadOptions = {},
  ): Promise<Load> {
    const client = new Client(url);
    const authors: Account[] = [];
    for (let n = 0; n < AUTHORS; n++) authors.push(await client.account('load'));
    await options.before?.(authors);
    const load = new Load(client, authors, options);
    try {
      await work(load);
    } finally {
      load.stopped = true;
      await load.finished;
      await Promise.all(load.underway);
    }
    return load;
  }

  /** Waits for a request that begins later than that. */
  async goesOnAfter(at: number): Promise<void> {
    while (!this.samples.some((sample) => sample.startedAt > at)) await pause(50);
  }

  /** So many writes at once, so that a fault meets some of them halfway. */
  burst(writes: number): void {
    for (let n = 0; n < writes; n++) this.begin('write');
  }

  /** The first request of every operation: what a client without patience saw. */
  get first(): Sample[] {
    return this.samples.filter((sample) => sample.attempt === 0);
  }

  /**
   * Shares of the operations that succeeded at once, and with retries.
   *
   * @param isExcused of a first request that failed: it does not count among these
   */
  availability(isExcused: (sample: Sample) => boolean = () => false): {
    first: number;
    afterRetry: number;
    operations: number;
  } {
    const operations = this.first.length;
    const first = this.first.filter(succeeded).length;
    const counted = this.first.filter((sample) => succeeded(sample) || !isExcused(sample)).length;
    const afterRetry = this.samples.filter(succeeded).length;
    return { first: first / counted, afterRetry: afterRetry / operations, operations };
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
    let next = performance.now();
    while (!this.stopped) {
      this.begin(mix[this.begun % mix.length] ?? 'feed');
      next += everyMs;
      await pause(Math.max(0, next - performance.now()));
      while (this.underway.size >= concurrency) await Promise.race(this.underway);
      next = Math.max(next, performance.now() - everyMs); // what was held up is not made up for
    }
  }

  private begin(kind: Kind): void {
    const operation = this.operate(this.begun++, kind);
    this.underway.add(operation);
    void operation.finally(() => this.underway.delete(operation));
  }

  private async operate(n: number, kind: Kind): Promise<void> {
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
    const key = this.keyless && n % (2 * mix.length) < mix.length ? undefined : `key-${body}`;
    const write = kind === 'write' ? { body, key } : undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const request = { kind, attempt, path: paths[kind], token: author.token, write };
      const { sample, id } = await send(this.client, request);
      this.samples.push(sample);
      if (succeeded(sample)) {
        if (id !== undefined) this.written.push({ id, body, key });
        return;
      }
      if (!again.has(sample.status) || (write && !key)) break;
      const advised = Number(sample.retryAfter ?? 0.1 * (attempt + 1)) * 1000;
      await pause(Math.min(advised, 1000));
    }
    if (kind === 'write') this.unresolved.push({ body, key });
  }
}
