import { setTimeout as pause } from 'node:timers/promises';
import { cpuTime } from './cpu-time.ts';
import type { Generator, LoadResult } from './load/load.ts';
import type { Options } from './options.ts';
import type { Scenario } from './scenarios.ts';
import { residentMiB, type Server, type ServerName } from './servers.ts';
import type { Stage } from './stage.ts';

/** One server in one scenario. */
export interface Figures {
  requestsPerSecond: number;
  p95Ms: number;
  /** The runs behind the median, for judging how steady they were. */
  runs: number[];
  residentMiB: number | undefined;
  /** CPU time of one request: the server's, and PostgreSQL's with all that follows the answer. */
  serverUs: number;
  databaseUs: number;
}

interface Run extends LoadResult {
  serverUs: number;
  databaseUs: number;
}

export type Measured<Name extends string = ServerName> = Record<Name, Figures>;

/**
 * Runs a scenario against all servers in turn, round by round, so that whatever else the machine
 * does at the time falls on all of them. A first short run warms each up and is not counted.
 */
export async function measure<Name extends string>(
  scenario: Scenario,
  servers: readonly Server<Name>[],
  stage: Stage,
  generator: Generator,
  options: Options,
): Promise<Measured<Name>> {
  const results = new Map<Name, Run[]>(servers.map(({ name }) => [name, []]));
  const resident = new Map<Name, number | undefined>();
  for (let round = 0; round <= options.rounds; round++) {
    for (const server of servers) {
      const seconds = round === 0 ? Math.min(2, options.seconds) : options.seconds;
      const before = await countPosts(stage);
      const load = {
        port: server.port,
        requests: scenario.requests,
        seconds,
        folder: stage.folder,
      };
      const cpuBefore = cpuTime(server.pid, stage.folder);
      const result = await generator.run(load);
      judge(scenario, server, result);
      resident.set(server.name, await residentMiB(server.pid));
      if (scenario.name === 'create') await checkStored(server, result, before, stage);
      await settle(stage);
      if (round === 0) continue;
      const cpu = cpuTime(server.pid, stage.folder);
      const each = (key: 'server' | 'database'): number =>
        cpu && cpuBefore ? ((cpu[key] - cpuBefore[key]) / result.requests) * 1e6 : NaN;
      if (each('server') < 0 || each('database') < 0)
        throw new Error(`${scenario.name}: CPU time of ${server.name} ran backwards`);
      const run = { ...result, serverUs: each('server'), databaseUs: each('database') };
      results.get(server.name)?.push(run);
    }
  }
  const figures = servers.map(({ name }) => {
    const runs = results.get(name) ?? [];
    return [
      name,
      {
        requestsPerSecond: median(runs.map((run) => run.requestsPerSecond)),
        p95Ms: median(runs.map((run) => run.p95Ms)),
        runs: runs.map((run) => run.requestsPerSecond),
        residentMiB: resident.get(name),
        serverUs: median(runs.map((run) => run.serverUs)),
        databaseUs: median(runs.map((run) => run.databaseUs)),
      },
    ] as const;
  });
  return Object.fromEntries(figures) as Measured<Name>;
}

/** A figure with wrong answers in it means nothing. */
function judge(
  scenario: Scenario,
  server: Server<string>,
  { requests, failures }: LoadResult,
): void {
  if (failures === 0 && requests > 0) return;
  throw new Error(
    `${scenario.name}: ${failures} of ${requests} requests to ${server.name} failed.\n${server.stderr()}`,
  );
}

async function countPosts({ database }: Stage): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM posts.posts',
  );
  return rows[0]?.n ?? 0;
}

/** 201 is a promise: every answered post is in the table. */
async function checkStored(
  server: Server<string>,
  { requests }: LoadResult,
  before: number,
  stage: Stage,
): Promise<void> {
  const stored = (await countPosts(stage)) - before;
  if (stored < requests) {
    throw new Error(`create: ${server.name} answered ${requests} times and stored ${stored} posts`);
  }
}

/** Waits until what a run left behind is done, so that no server pays for another's work. */
async function settle({ database }: Stage): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    await pause(200);
    const { rows } = await database.query<{ behind: boolean }>(
      `SELECT EXISTS (SELECT FROM platform.outbox) OR EXISTS (
         SELECT FROM platform.consumers c, platform.event_log_head h WHERE c.position < h.position
       ) AS behind`,
    );
    if (!rows[0]?.behind) return;
    if (performance.now() > deadline) throw new Error('the event consumers do not catch up');
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}
