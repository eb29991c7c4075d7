/**
 * `npm run bench -- logins`: how many logins a second, beside how many checks of a password argon2id
 * makes with nothing around it and as many at a time.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkAnswers } from '../check.ts';
import type { Cleanup } from '../cleanup.ts';
import { chooseGenerator } from '../load/load.ts';
import { median } from '../measure.ts';
import type { Options } from '../options.ts';
import { makeScenarios } from '../scenarios.ts';
import { startServer, startSink, type Server } from '../servers.ts';
import { setStage, type Stage } from '../stage.ts';

const run = promisify(execFile);

/** Logins a second, as a share of bare checks a second: what is around the hash may cost the rest. */
const BAR = 0.8;

/** Alone: a stage and a server of its own. */
export async function measureLogins(options: Options, cleanup: Cleanup): Promise<string> {
  const stage = await setStage(cleanup);
  const sinkPort = await startSink(stage.folder, cleanup);
  const around = { folder: stage.folder, databaseUrl: stage.databaseUrl, sinkPort };
  return compareLogins(stage, await startServer('mainstay', around, cleanup), options);
}

/** Rounds in turn: argon2id alone in a process, then logins. */
export async function compareLogins(
  stage: Stage,
  server: Server,
  { rounds, seconds }: Options,
): Promise<string> {
  const [scenario] = await makeScenarios(stage, ['login']);
  if (!scenario) throw new Error('the scenario "login" is missing');
  await checkAnswers(scenario, [server]);
  // As many at a time as the application takes by default: it leaves a core to everything else.
  const concurrency = Math.max(1, Math.min(3, availableParallelism() - 1));
  const { requests } = scenario;
  const { port } = server;
  const generator = chooseGenerator();
  const measured: { bare: number; logins: number; p95Ms: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const bare = await checksPerSecond(stage, concurrency, seconds);
    const load = { port, requests, seconds, folder: stage.folder };
    const { requestsPerSecond: logins, failures, p95Ms } = await generator.run(load);
    if (failures > 0) throw new Error(`${failures} logins failed`);
    measured.push({ bare, logins, p95Ms });
  }
  const middle = (pick: (one: (typeof measured)[number]) => number) => median(measured.map(pick));
  const share = middle(({ logins, bare }) => logins / bare);
  const verdict = share < BAR ? ` **missed: ${BAR}**` : '';
  return [
    `${rounds} rounds of ${seconds} s in turn, medians. Passwords hashed at a time: ${concurrency}, on either side; the rest of the cores`,
    'is left to everything else.',
    '',
    '| | a second | p95, ms |',
    '|---|---|---|',
    `| argon2id alone | ${middle(({ bare }) => bare).toFixed(1)} | |`,
    `| logins | ${middle(({ logins }) => logins).toFixed(1)} | ${Math.round(middle(({ p95Ms }) => p95Ms))} |`,
    `| logins ÷ argon2id | ${share.toFixed(2)}${verdict} | |`,
  ].join('\n');
}

async function checksPerSecond(
  stage: Stage,
  concurrency: number,
  seconds: number,
): Promise<number> {
  const { rows } = await stage.database.query<{ hash: string }>(
    'SELECT password_hash AS hash FROM auth.users WHERE password_hash IS NOT NULL LIMIT 1',
  );
  const script = join(import.meta.dirname, 'bare-argon2.ts');
  const values = [rows[0]?.hash ?? '', stage.password, concurrency, seconds].map(String);
  return Number((await run(process.execPath, [script, ...values])).stdout);
}
