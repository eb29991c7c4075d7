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
import { startServer, startSink } from '../servers.ts';
import { setStage } from '../stage.ts';

const run = promisify(execFile);

/** Logins a second, as a share of bare checks a second: what is around the hash may cost the rest. */
const BAR = 0.8;

export async function measureLogins(options: Options, cleanup: Cleanup): Promise<string> {
  const stage = await setStage(cleanup);
  const sinkPort = await startSink(stage.folder, cleanup);
  const around = { folder: stage.folder, databaseUrl: stage.databaseUrl, sinkPort };
  const server = await startServer('mainstay', around, cleanup);
  const [scenario] = await makeScenarios(stage, ['login']);
  if (!scenario) throw new Error('the scenario "login" is missing');
  await checkAnswers(scenario, [server]);
  const { rows } = await stage.database.query<{ hash: string }>(
    'SELECT password_hash AS hash FROM auth.users WHERE password_hash IS NOT NULL LIMIT 1',
  );
  // As many at a time as the application takes by default: it leaves a core to everything else.
  const concurrency = Math.max(1, Math.min(3, availableParallelism() - 1));
  const bare = async (): Promise<number> => {
    const script = join(import.meta.dirname, 'bare-argon2.ts');
    const values = [rows[0]?.hash ?? '', stage.password, concurrency, options.seconds].map(String);
    return Number((await run(process.execPath, [script, ...values])).stdout);
  };
  const generator = chooseGenerator();
  const rounds: { bare: number; logins: number; p95Ms: number }[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const checks = await bare();
    const { requests } = scenario;
    const { seconds } = options;
    const load = { port: server.port, requests, seconds, folder: stage.folder };
    const { requestsPerSecond, failures, p95Ms } = await generator.run(load);
    if (failures > 0) throw new Error(`${failures} logins failed`);
    rounds.push({ bare: checks, logins: requestsPerSecond, p95Ms });
  }
  const share = median(rounds.map(({ bare: checks, logins }) => logins / checks));
  const verdict = share < BAR ? ` **missed: ${BAR}**` : '';
  return [
    `${options.rounds} rounds of ${options.seconds} s in turn, medians; ${concurrency} password(s) hashed at a time`,
    '',
    '| | a second | p95, ms |',
    '|---|---|---|',
    `| argon2id alone | ${median(rounds.map(({ bare: checks }) => checks)).toFixed(1)} | |`,
    `| logins | ${median(rounds.map(({ logins }) => logins)).toFixed(1)} | ${Math.round(median(rounds.map(({ p95Ms }) => p95Ms)))} |`,
    `| logins ÷ argon2id | ${share.toFixed(2)}${verdict} | |`,
  ].join('\n');
}
