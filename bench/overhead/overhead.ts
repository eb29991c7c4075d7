/**
 * `npm run bench -- overhead`: what each concern around a request costs, alone, and all of them
 * together as the server's CPU time of a whole request.
 */
import { checkAnswers } from '../check.ts';
import type { Cleanup } from '../cleanup.ts';
import { chooseGenerator } from '../load/load.ts';
import { measure } from '../measure.ts';
import type { Options } from '../options.ts';
import { makeScenarios } from '../scenarios.ts';
import { startServer, startSink, type Server } from '../servers.ts';
import { setStage, type Stage } from '../stage.ts';
import { measureConcerns, type Concern } from './concerns.ts';
import { startRedis } from './redis.ts';

/** High enough that no run is refused, so that what is measured is the counting. */
const limits = Object.fromEntries(
  ['API', 'HOURLY', 'WRITES'].map((policy) => [`MAINSTAY__LIMITS__${policy}__LIMIT`, '1000000']),
);

export async function measureOverhead(options: Options, cleanup: Cleanup): Promise<string> {
  const stage = await setStage(cleanup);
  const redisUrl = await startRedis(stage.folder, cleanup);
  const concerns = await measureConcerns(redisUrl);
  concerns.push(...(await measureRequests(options, stage, redisUrl, cleanup)));
  return tableOf(concerns);
}

/** The server's CPU time of the cheapest request there is, where what surrounds it shows most. */
async function measureRequests(
  options: Options,
  stage: Stage,
  redisUrl: string,
  cleanup: Cleanup,
): Promise<Concern[]> {
  const sinkPort = await startSink(stage.folder, cleanup);
  const around = { folder: stage.folder, databaseUrl: stage.databaseUrl, sinkPort };
  const bare = await startServer('fastify', around, cleanup);
  const alone = await startServer('mainstay', around, cleanup);
  const guarded = await startServer('mainstay', around, cleanup, [], {
    ...limits,
    MAINSTAY__LIMITS__ENABLED: 'true',
    REDIS_URL: redisUrl,
  });
  const [scenario] = await makeScenarios(stage, ['cached']);
  if (!scenario) throw new Error('the scenario "cached" is missing');
  await checkAnswers(scenario, [bare, guarded]);
  const generator = chooseGenerator();
  const cpu = async (server: Server): Promise<[number, number]> => {
    const figures = await measure(scenario, [bare, server], stage, generator, options);
    return [figures.fastify.serverUs, figures.mainstay.serverUs];
  };
  const [bareUs, aloneUs] = await cpu(alone);
  const [bareAgainUs, guardedUs] = await cpu(guarded);
  return [
    { title: 'a profile from memory, bare Fastify', cost: (bareUs + bareAgainUs) / 2 },
    { title: 'the same, everything but Redis and limits', cost: aloneUs },
    { title: 'the same, everything', cost: guardedUs },
    {
      title: 'the whole wing: everything, without what bare Fastify takes',
      cost: guardedUs - bareAgainUs,
      bar: 200,
    },
  ];
}

function tableOf(concerns: readonly Concern[]): string {
  const rows = concerns.map(({ title, cost, bar }) => {
    const verdict = bar === undefined ? '' : `${bar} µs${cost < bar ? '' : ' **missed**'}`;
    return `| ${title} | ${cost.toFixed(cost < 10 ? 2 : 0)} | ${verdict} |`;
  });
  return ['| concern | µs a request | bar |', '|---|---|---|', ...rows].join('\n');
}
