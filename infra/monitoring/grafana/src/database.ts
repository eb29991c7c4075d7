import type { Dashboard } from './dashboard.ts';
import { above } from './limits.ts';
import { bars, series, stat } from './panels.ts';
import { here, quantile, quantiles, rate } from './promql.ts';

const pool = (state: string): string => `db_pool_connections{${here},state="${state}"}`;
/** 0 is what is known before the first one. */
const age = (timestamp: string): string => `time() - max(${timestamp} > 0)`;
const HOUR = 3600;

/** The database as the application sees it, what spares it work, and what is kept of it. */
export const database: Dashboard = {
  uid: 'mainstay-database',
  title: 'Database',
  description:
    'The pool, the statements, the caches in front of them, replicas and backups. The top row shows the worst.',
  panels: [
    stat('Pool in use', {
      means:
        'Connections in use as a share of what the pool may hold, the fullest pool. At 100 % requests wait, after 2.5 s with a 503.',
      runbook: 'PoolExhausted',
      unit: 'percentunit',
      limits: above(0.7, 0.9),
      shows: { fullest: `max(${pool('active')} / ignoring (state) ${pool('max')})` },
    }),
    stat('Waiting for a connection', {
      means:
        'Requests without a connection at this moment. More than a few for longer than a scrape: slow statements or locks, see pg_stat_activity.',
      runbook: 'PoolExhausted',
      unit: 'short',
      limits: above(1, 10),
      shows: { waiting: `sum(${pool('waiting')})` },
    }),
    stat('Statements, p95', {
      means:
        'Nineteen of twenty statements are faster, the wait for a connection included. “Where the time goes” names the slow ones.',
      runbook: 'HighLatency',
      unit: 's',
      limits: above(0.05, 0.25),
      shows: { p95: quantile(0.95, 'db_query_duration_seconds') },
    }),
    stat('Newest backup', {
      means:
        'Its age. Over 25 hours somebody is called: the nightly backup did not run, or failed. Until it is made, a lost disk costs more than the archive holds.',
      runbook: 'BackupOld',
      unit: 's',
      limits: above(24.5 * HOUR, 25 * HOUR),
      shows: { age: age('backup_last_success_timestamp_seconds') },
    }),
    series('Connections', {
      means:
        'Of all instances. `active` at `max` with `waiting` above it: the pool is exhausted. `active` that never falls at night: a leak.',
      runbook: 'PoolExhausted',
      unit: 'short',
      shows: {
        '{{pool}} {{state}}': `sum by (pool, state) (db_pool_connections{${here}})`,
        'leaked in an hour': `sum(increase(db_pool_leaks_total{${here}}[1h]))`,
      },
    }),
    series('Wait for a connection', {
      means:
        'How long a request stood in the queue of the pool. Above the time of a statement the pool is too small, or something holds connections.',
      runbook: 'PoolExhausted',
      unit: 's',
      shows: quantiles('db_pool_wait_seconds'),
    }),
    series('Statements by repository', {
      means:
        'Statements a second. A step after a deploy: a loop that asks row by row, or a cache that no longer answers.',
      runbook: 'HighLatency',
      unit: 'ops',
      stacked: true,
      shows: {
        '{{repository}}': `sum by (repository) (${rate(`db_query_duration_seconds_count{${here}}`)})`,
      },
    }),
    series('Statements, p95 by repository', {
      means: 'One repository up: a plan or an index. All up: the server is busy, or its disk.',
      runbook: 'HighLatency',
      unit: 's',
      limits: above(0.05, 0.25),
      shows: {
        '{{repository}}': quantile(0.95, 'db_query_duration_seconds', { by: 'repository' }),
      },
    }),
    bars('Where the time goes', {
      means:
        'Seconds spent in each kind of statement in the time that is shown. Its name is the one in the code (`statement(…)`): begin with the first.',
      runbook: 'HighLatency',
      unit: 's',
      shows: {
        '{{repository}}.{{operation}}': `topk(10, sum by (repository, operation) (increase(db_query_duration_seconds_sum{${here}}[$__range])))`,
      },
    }),
    series('Caches, hit ratio', {
      means:
        'Share of look-ups that memory or Redis answered. Warm caches are over 70 %; a fall goes with a lost Redis, a restart, or keys that no longer match.',
      runbook: 'BreakerOpen',
      unit: 'percentunit',
      shows: { '{{cache}}': `min by (cache) (cache_hit_ratio{${here}})` },
    }),
    series('Caches, look-ups', {
      means:
        'By level and result. `error`: Redis does not answer, everything works without. `stale`: an old entry was served while a new one was loaded. Evictions: `cache.maxEntries` is too small.',
      runbook: 'BreakerOpen',
      unit: 'ops',
      shows: {
        '{{level}} {{result}}': `sum by (level, result) (${rate(`cache_requests_total{${here}}`)})`,
        'evicted from {{cache}}': `sum by (cache) (${rate(`cache_evictions_total{${here}}`)})`,
      },
    }),
    series('Replication lag', {
      means:
        'How far each replica is behind the primary. Over 5 s it takes no reads, and the primary has more to do; over 10 s there is an alert. Empty without replicas.',
      runbook: 'ReplicationLag',
      unit: 's',
      limits: above(5, 10),
      shows: { '{{replica}}': `max by (replica) (db_replica_lag_seconds{${here}})` },
    }),
    series('WAL archiver', {
      means:
        'Segments of the log that PostgreSQL archived, and those it could not, by its exporter. Failures without any success for 5 minutes: nothing since can be restored to the second, and the disk fills.',
      runbook: 'ArchiverFailing',
      unit: 'ops',
      shows: {
        failed: `sum(${rate('pg_stat_archiver_failed_count')})`,
        archived: `sum(${rate('pg_stat_archiver_archived_count')})`,
      },
    }),
    stat('Newest verified backup', {
      means:
        'Age of the newest backup that was restored on trial. Over 32 days nobody knows whether there is one that can be restored: do it, the runbook has the command.',
      runbook: 'BackupUnverified',
      unit: 's',
      tall: true,
      limits: above(31 * 24 * HOUR, 32 * 24 * HOUR),
      shows: { age: age('backup_last_verified_timestamp_seconds') },
    }),
  ],
};
