import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../support/process.js';

/** Labels by metric. */
type Metrics = Record<string, readonly string[]>;

/** What the application exposes: docs/metrics.md, which is made from its code. */
const exposed: Metrics = Object.fromEntries(
  [
    ...readFileSync(join(root, 'docs/metrics.md'), 'utf8').matchAll(
      /^\| `(\w+)` \| ([\w, ]*) \|/gm,
    ),
  ].map(([, metric = '', labels = '']) => [
    metric,
    labels.split(', ').filter((label) => label !== ''),
  ]),
);

/** Of Prometheus itself, and of the exporters that it scrapes beside us. */
const ofOthers: Metrics = {
  up: [],
  pg_stat_archiver_failed_count: [],
  pg_stat_archiver_archived_count: [],
  node_filesystem_avail_bytes: ['mountpoint', 'fstype'],
  node_filesystem_size_bytes: ['mountpoint', 'fstype'],
  probe_ssl_earliest_cert_expiry: [],
};

export const known: Metrics = { ...exposed, ...ofOthers };

/** Our own, without what prom-client tells of every process: each is in some panel. */
export const own = Object.keys(exposed).filter((metric) => !/^(nodejs|process)_/.test(metric));

/** What is empty, or 0, in the test, and what it would need. Queries that name one must still be valid. */
export const needs: Record<string, string> = {
  searches_total: 'a search',
  backup_last_success_timestamp_seconds: 'a backup',
  backup_last_verified_timestamp_seconds: 'a backup that was restored on trial',
  db_replica_lag_seconds: 'a read replica',
  pg_stat_archiver_failed_count: 'the PostgreSQL exporter',
  pg_stat_archiver_archived_count: 'the PostgreSQL exporter',
  node_filesystem_avail_bytes: 'the node exporter',
  node_filesystem_size_bytes: 'the node exporter',
  probe_ssl_earliest_cert_expiry: 'the blackbox exporter',
};

/** Queries that find nothing but 0 while all is well. Elsewhere one that does looks at the wrong thing. */
export const zeroIsWell = new Set([
  'Database / Waiting for a connection / waiting',
  'Database / Connections / leaked in an hour',
  'Infrastructure / Jobs waiting / {{queue}}',
  'Infrastructure / What runs / migrations took',
  'Infrastructure / What runs / log records lost',
]);
