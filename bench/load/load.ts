import { runAutocannon } from './autocannon.ts';
import { hasWrk, runWrk } from './wrk.ts';

export interface PreparedRequest {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** What one run gave. */
export interface LoadResult {
  requestsPerSecond: number;
  /** Answers in all. */
  requests: number;
  /** Answers outside of 2xx, time-outs and broken connections. */
  failures: number;
  p95Ms: number;
}

export interface Load {
  port: number;
  requests: readonly PreparedRequest[];
  seconds: number;
  /** For what the generator has to write down. */
  folder: string;
}

export interface Generator {
  name: string;
  run(load: Load): Promise<LoadResult>;
}

/** wrk where there is one: it shares the cores with the server, and is lighter on them than autocannon. */
export function chooseGenerator(): Generator {
  return hasWrk() ? { name: 'wrk', run: runWrk } : { name: 'autocannon', run: runAutocannon };
}
