/**
 * `npm run bench`: Mainstay as it is built, with everything on, beside bare `node:http` and bare
 * Fastify that do the same work on the same data, in one session on one machine.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkAnswers } from './check.ts';
import { withCleanup, type Cleanup } from './cleanup.ts';
import { chooseGenerator } from './load/load.ts';
import { compareLogins, measureLogins } from './logins/logins.ts';
import { measure, median, type Measured } from './measure.ts';
import { parseOptions, USAGE, UsageError, type Options, type ScenarioName } from './options.ts';
import { documentOf, rowOf, tableHead, type Session } from './report.ts';
import { measureObservability } from './observability/observability.ts';
import { measureOverhead } from './overhead/overhead.ts';
import { makeScenarios } from './scenarios.ts';
import { serverNames, startServer, startSink, type Server, type Surroundings } from './servers.ts';
import { setStage } from './stage.ts';

const STARTS = 3;

/** What can be measured alone. */
const parts: Record<string, (options: Options, cleanup: Cleanup) => Promise<string>> = {
  overhead: measureOverhead,
  observability: measureObservability,
  logins: measureLogins,
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function bench(options: Options, cleanup: Cleanup): Promise<void> {
  const generator = chooseGenerator();
  say('\nseeding a database of its own');
  const stage = await setStage(cleanup);
  const sinkPort = await startSink(stage.folder, cleanup);
  const { folder, databaseUrl, serverVersion } = stage;
  const [servers, readyMs] = await startAll({ folder, databaseUrl, sinkPort }, options, cleanup);
  const scenarios = await makeScenarios(stage, options.only);
  for (const scenario of scenarios) await checkAnswers(scenario, servers);
  say(`${options.rounds} x ${options.seconds} s each, load by ${generator.name}\n\n${tableHead()}`);
  const measured = new Map<ScenarioName, Measured>();
  for (const scenario of scenarios) {
    const figures = await measure(scenario, servers, stage, generator, options);
    measured.set(scenario.name, figures);
    say(rowOf(scenario.title, figures));
  }
  const titles = new Map(scenarios.map(({ name, title }) => [name, title]));
  const session: Session = { options, generator: generator.name, serverVersion, readyMs };
  const mainstay = servers.find(({ name }) => name === 'mainstay');
  const hasLogins = mainstay !== undefined && measured.has('login');
  const logins = hasLogins ? await compareLogins(stage, mainstay, options) : undefined;
  const document = documentOf(session, measured, titles, logins);
  say(`\n${document.slice(document.indexOf('## Memory'))}`);
  if (options.quick || options.only.length < titles.size || titles.size < 5) return;
  await writeFile(join(import.meta.dirname, '../docs/performance.md'), document);
  say('docs/performance.md is written');
}

/** Starts every server a few times, for the median time to readiness; the last ones stay. */
async function startAll(
  surroundings: Surroundings,
  options: Options,
  cleanup: Cleanup,
): Promise<[Server[], Session['readyMs']]> {
  const servers: Server[] = [];
  const readyMs = {} as Session['readyMs'];
  for (const name of serverNames) {
    const times: number[] = [];
    let server = await startServer(name, surroundings, cleanup); // creates what only a first start creates
    for (let start = 0; start < (options.quick ? 1 : STARTS); start++) {
      await server.stop();
      server = await startServer(name, surroundings, cleanup);
      times.push(server.readyMs);
    }
    readyMs[name] = median(times);
    servers.push(server);
  }
  return [servers, readyMs];
}

try {
  const [what, ...rest] = process.argv.slice(2);
  const only = what === undefined ? undefined : parts[what];
  if (only) {
    const options = parseOptions(rest);
    await withCleanup(async (cleanup) => say(`\n${await only(options, cleanup)}`));
  } else {
    const options = parseOptions(process.argv.slice(2));
    await withCleanup((cleanup) => bench(options, cleanup));
  }
} catch (error) {
  process.exitCode = 1;
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${USAGE}\n`);
  else process.stderr.write(`\nThe benchmark failed: ${(error as Error).message}\n`);
}
