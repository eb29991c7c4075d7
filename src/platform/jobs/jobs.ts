import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { PgBoss, type Job, type JobResult } from 'pg-boss';
import { Database } from '../database/database.js';
import { underMigrationLock } from '../database/migration-lock.js';
import type { Tx } from '../database/transaction.js';
import { ErrorTracker } from '../error-tracking/error-tracker.js';
import { recentErrors } from '../errors/recent-errors.js';
import { codeOf } from '../errors/code-of.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { loggerOf } from '../logging/logger.js';
import { runEntry } from '../tracing/run-entry.js';
import { currentTraceParent } from '../tracing/tracing.js';
import type { TraceParent } from '../tracing/trace-context.js';
import { JOBS_SCHEMA } from './create-job-tables.js';
import { jobsConfig, type JobsConfig } from './jobs.config.js';
import { jobDuration, jobQueueDepth, jobsTotal } from './jobs.telemetry.js';
import { WORKS_JOBS } from './works-jobs.js';

const log = loggerOf('jobs');

/** Where jobs go that failed every attempt; an alert watches it. */
export const DEAD_LETTERS = 'dead-letters';

/** How often the waiting jobs are counted for the metric, by the processes that work them. */
const COUNT_MS = 15_000;

/** How often jobs are looked for that have ended so long ago that they are forgotten. */
const FORGET_SECONDS = 1800;

interface Envelope<T> {
  data: T;
  trace?: TraceParent;
}

/** How long a queue goes on trying, where it is not what the configuration says for all. */
export interface Patience {
  retryLimit?: number;
  /** Seconds between two attempts at most; the pauses grow up to here. */
  retryDelayMax?: number;
  /**
   * Jobs that a process takes at a time; without it one each time it looks, so no more than one in
   * `jobs.pollSeconds`. With more than one it looks again at once as long as there are so many.
   */
  atOnce?: number;
  /** Seconds after which what has ended is forgotten, at the next half hour; without it a week. */
  keepSeconds?: number;
  /**
   * Seconds that a job may take, where that is more than `jobs.expireSeconds`. That its process died is
   * noticed as soon as for all others: the process that works it says so all the while.
   */
  expireSeconds?: number;
}

/**
 * What a job is done by. `signal` tells that the job was given up, after its time or at a shutdown, and will
 * be tried again: who works for long stops then.
 */
export type JobHandler<T> = (data: T, signal: AbortSignal) => Promise<void>;

/** The least that pg-boss takes for signs of life. */
const LEAST_HEARTBEAT_SECONDS = 10;

/**
 * Work that must happen, on pg-boss in the same PostgreSQL: a job that is enqueued in a transaction
 * exists exactly when the change does, and survives every process.
 */
@Injectable()
export class Jobs implements OnModuleInit {
  private readonly boss: PgBoss;
  private waiting = 0;
  private deadLetters = 0;
  /** Why the queues could not be read last time. */
  private countError: unknown;

  constructor(
    private readonly database: Database,
    @Inject(jobsConfig.KEY) private readonly config: JobsConfig,
    private readonly lifecycle: Lifecycle,
    @Inject(WORKS_JOBS) private readonly works: boolean,
    private readonly tracker: ErrorTracker,
  ) {
    this.boss = new PgBoss({
      db: { executeSql: (text, values) => this.database.pool.query(text, values as unknown[]) },
      schema: JOBS_SCHEMA,
      // Only processes that work jobs also supervise and schedule them.
      supervise: works,
      maintenanceIntervalSeconds: FORGET_SECONDS,
      schedule: works,
    });
    this.boss.on('error', (error) =>
      log.warn({ err: error, event: 'jobs_failed' }, 'the job queue had an error'),
    );
  }

  async onModuleInit(): Promise<void> {
    // pg-boss creates its tables here the first time; two at once would trip over each other.
    await underMigrationLock(this.database.url, () => this.boss.start());
    await this.boss.createQueue(DEAD_LETTERS);
    await this.countWaiting();
    const timer = setInterval(() => void this.countWaiting(), COUNT_MS);
    this.lifecycle.onStop('jobs', () => {
      clearInterval(timer);
      return this.boss.stop({ graceful: true, timeout: 10_000 });
    });
  }

  /** Declares a queue; every process that enqueues to it or works it does so at its start. */
  async declare(queue: string, patience: Patience = {}): Promise<void> {
    const options = {
      retryLimit: patience.retryLimit ?? this.config.retryLimit,
      retryBackoff: true,
      ...(patience.retryDelayMax !== undefined && { retryDelayMax: patience.retryDelayMax }),
      ...(patience.keepSeconds !== undefined && { deleteAfterSeconds: patience.keepSeconds }),
      expireInSeconds: patience.expireSeconds ?? this.config.expireSeconds,
      ...(patience.expireSeconds !== undefined && {
        heartbeatSeconds: Math.max(this.config.expireSeconds, LEAST_HEARTBEAT_SECONDS),
      }),
      deadLetter: DEAD_LETTERS,
    };
    await this.boss.createQueue(queue, options);
    await this.boss.updateQueue(queue, options); // the first one leaves a queue that exists as it is
  }

  /** Enqueues a job with the transaction: it is there when the transaction commits, and only then. */
  async enqueue(tx: Tx, queue: string, data: object): Promise<void> {
    const trace = currentTraceParent();
    const envelope: Envelope<object> = { data, ...(trace?.sampled && { trace }) };
    await this.boss.send(queue, envelope, {
      db: { executeSql: (text, values) => tx.client.query(text, values as unknown[]) },
    });
  }

  /** Works a queue, where this process works jobs at all. A handler may run again: make it idempotent. */
  // T says what the module itself enqueued: pg-boss keeps the payload as JSON and knows no types.
  async work<T extends object>(
    queue: string,
    handle: JobHandler<T>,
    patience?: Patience,
  ): Promise<void> {
    await this.declare(queue, patience);
    if (!this.works) return;
    const options = {
      pollingIntervalSeconds: this.config.pollSeconds,
      batchSize: patience?.atOnce ?? 1,
      burstWhenBatchFull: true,
      perJobResults: true, // one that fails takes none of the others with it
    } as const;
    await this.boss.work<Envelope<T>, unknown, typeof options>(queue, options, (jobs) =>
      Promise.all(jobs.map((job) => this.settle(queue, job, handle))),
    );
  }

  /** Runs `handle` by the clock (cron, UTC), once in the whole deployment. */
  async schedule(
    queue: string,
    cron: string,
    handle: (signal: AbortSignal) => Promise<void>,
    patience?: Patience,
  ): Promise<void> {
    await this.work(queue, (_data, signal) => handle(signal), patience);
    if (this.works) await this.boss.schedule(queue, cron);
  }

  /** For readiness. @throws when the queues could not be read last time */
  check(): Promise<Record<string, number>> {
    if (this.countError === undefined)
      return Promise.resolve({ waiting: this.waiting, deadLetters: this.deadLetters });
    return Promise.reject(
      Object.assign(new Error('the queues cannot be read'), { code: codeOf(this.countError) }),
    );
  }

  private async countWaiting(): Promise<void> {
    if (!this.works) return;
    try {
      const queues = await this.boss.getQueues();
      for (const { name, queuedCount } of queues) jobQueueDepth.set({ queue: name }, queuedCount);
      const depth = (of: typeof queues) => of.reduce((sum, queue) => sum + queue.queuedCount, 0);
      this.deadLetters = depth(queues.filter(({ name }) => name === DEAD_LETTERS));
      this.waiting = depth(queues) - this.deadLetters;
      this.countError = undefined;
    } catch (error) {
      this.countError = error;
      log.warn({ err: error, event: 'jobs_not_counted' }, 'the waiting jobs could not be counted');
    }
  }

  private async settle<T>(
    queue: string,
    job: Job<Envelope<T>>,
    handle: JobHandler<T>,
  ): Promise<JobResult> {
    const { id } = job;
    try {
      await this.runJob(queue, job, handle);
      return { id, status: 'completed' };
    } catch (error) {
      const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
      return { id, status: 'failed', output: { name, message, stack } };
    }
  }

  private async runJob<T>(
    queue: string,
    job: Job<Envelope<T>>,
    handle: JobHandler<T>,
  ): Promise<void> {
    const { data, trace } = (job.data as Envelope<T> | null) ?? ({} as Envelope<T>);
    const started = performance.now();
    const entry = {
      name: `job ${queue}`,
      kind: SpanKind.CONSUMER,
      requestId: `job-${job.id || randomUUID()}`,
      parent: trace,
      attributes: { 'messaging.destination.name': queue },
    };
    await runEntry(entry, async () => {
      try {
        await handle(data, job.signal);
        jobsTotal.inc({ queue, result: 'completed' });
      } catch (error) {
        jobsTotal.inc({ queue, result: 'failed' });
        log.error(
          { err: error, event: 'job_failed', queue, job_id: job.id },
          `a job of ${queue} failed`,
        );
        recentErrors.add({ code: 'job_failed', status: null, route: `job ${queue}`, error });
        const facts = { level: 'error', code: 'job_failed', module: 'jobs', route: queue } as const;
        this.tracker.report(error, facts);
        throw error; // pg-boss tries it again, then moves it to the dead letters
      } finally {
        jobDuration.observe({ queue }, (performance.now() - started) / 1000);
      }
    });
  }
}
