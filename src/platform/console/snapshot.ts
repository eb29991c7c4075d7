import type { RecentError } from '../errors/recent-errors.js';
import type { CheckState } from '../health/health.registry.js';
import type { Readiness } from '../health/readiness.js';
import type { BreakerReport } from '../resilience/breaker.js';
import type { Finding } from './find-problems.js';
import type { Gauges } from './gauges.js';
import type { Columns, Point } from './history.js';
import type { ProcessLoad } from './process-load.js';
import type { TrafficReport } from './traffic.js';

/** A finding, and since when. */
export type Problem = Finding & { since: string };

/** All that the console shows of a process, at one moment. */
export interface Snapshot {
  at: string;
  process: {
    role: string;
    version: string;
    commit: string;
    host: string;
    pid: number;
    startedAt: string;
  };
  status: Readiness;
  /** RFC 3339: since when the status is what it is. */
  statusSince: string;
  problems: Problem[];
  checks: ({ name: string } & CheckState)[];
  breakers: BreakerReport[];
  gauges: Gauges;
  traffic: TrafficReport;
  load: ProcessLoad;
  errors: RecentError[];
  links: { trace: string | null; logs: string | null };
  point: Point | null;
  /** Only in the first one of a stream. */
  history?: Columns;
}
