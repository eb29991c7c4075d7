/**
 * `npm run bench -- observability`: what it costs to see. The same application with logs, metrics and
 * traces, with each of them alone, and with none, in one session.
 */
import { join } from 'node:path';
import { checkAnswers } from '../check.ts';
import type { Cleanup } from '../cleanup.ts';
import { chooseGenerator } from '../load/load.ts';
import { measure, median, type Figures } from '../measure.ts';
import type { Options } from '../options.ts';
import { makeScenarios } from '../scenarios.ts';
import { SAMPLE_RATIO, startServer, startSink } from '../servers.ts';
import { setStage } from '../stage.ts';

/** Throughput with everything on, as a share of that with everything off. */
const BAR = 0.8;

const quiet = { LOG_LEVEL: 'silent' };
const untraced = { OTEL_EXPORTER_OTLP_ENDPOINT: '' };
const unmeasured = ['--import', join(import.meta.dirname, 'without-metrics.ts')];

const variants: { name: string; flags: string[]; env: NodeJS.ProcessEnv }[] = [
  { name: 'nothing', flags: unmeasured, env: { ...quiet, ...untraced } },
  { name: 'logs', flags: unmeasured, env: untraced },
  { name: 'metrics', flags: [], env: { ...quiet, ...untraced } },
  { name: `traces at ${SAMPLE_RATIO * 100} %`, flags: unmeasured, env: quiet },
  { name: 'everything', flags: [], env: {} },
];

export async function measureObservability(options: Options, cleanup: Cleanup): Promise<string> {
  const stage = await setStage(cleanup);
  const sinkPort = await startSink(stage.folder, cleanup);
  const around = { folder: stage.folder, databaseUrl: stage.databaseUrl, sinkPort };
  const servers = [];
  for (const { name, flags, env } of variants)
    servers.push({ ...(await startServer('mainstay', around, cleanup, flags, env)), name });
  const [scenario] = await makeScenarios(stage, ['get']);
  if (!scenario) throw new Error('the scenario "get" is missing');
  await checkAnswers(scenario, servers);
  const measured = await measure(scenario, servers, stage, chooseGenerator(), options);
  const off = measured['nothing'] as Figures;
  const rows = Object.entries(measured).map(([name, figures]) => {
    const share = median(figures.runs.map((run, round) => run / (off.runs[round] ?? NaN)));
    const verdict = name === 'everything' && share < BAR ? ` **missed: ${BAR}**` : '';
    return `| ${name} | ${Math.round(figures.requestsPerSecond)} | ${share.toFixed(2)}${verdict} | ${figures.serverUs.toFixed(1)} |`;
  });
  return [
    `GET a post by id; ${options.rounds} rounds of ${options.seconds} s, medians`,
    '',
    '| on | requests/s | ÷ nothing | CPU µs a request |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}
