import { availableParallelism, totalmem } from 'node:os';
import { CONNECTIONS } from './load/connections.ts';
import { median, type Figures, type Measured } from './measure.ts';
import type { Options, ScenarioName } from './options.ts';
import { POOL_SIZE, SAMPLE_RATIO, serverNames, type ServerName } from './servers.ts';
import { DATA } from './stage.ts';

/** What the figures were taken with. */
export interface Session {
  options: Options;
  generator: string;
  serverVersion: string;
  readyMs: Record<ServerName, number>;
}

const titleOf: Record<ServerName, string> = {
  'node-http': 'bare node:http',
  fastify: 'bare Fastify',
  mainstay: 'Mainstay',
};

/** Three digits are what repeated runs agree on at best. */
const rate = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en');
/** Round by round, because neighbours in time share the noise of the machine; the median of them. */
const ratio = (mainstay: Figures, other: Figures): string =>
  median(mainstay.runs.map((run, round) => run / (other.runs[round] ?? NaN))).toFixed(2);

const COLUMNS = [
  'requests/s',
  ...serverNames.map((name) => titleOf[name]),
  '÷ Fastify',
  '÷ node:http',
  'p95 ms of each',
  'CPU µs a request, server + PostgreSQL',
  'spread',
];

export function tableHead(): string {
  return `| ${COLUMNS.join(' | ')} |\n|${'---|'.repeat(COLUMNS.length)}`;
}

export function rowOf(title: string, measured: Measured): string {
  const cells = [
    title,
    ...serverNames.map((name) => rate(measured[name].requestsPerSecond)),
    `**${ratio(measured.mainstay, measured.fastify)}**`,
    ratio(measured.mainstay, measured['node-http']),
    serverNames.map((name) => measured[name].p95Ms.toFixed(1)).join(' / '),
    serverNames.map((name) => cpuOf(measured[name])).join(' / '),
    serverNames.map((name) => spreadOf(measured[name])).join(' / '),
  ];
  return `| ${cells.join(' | ')} |`;
}

function cpuOf({ serverUs, databaseUs }: Figures): string {
  if (Number.isNaN(serverUs)) return '–';
  return `${Math.round(serverUs)} + ${Math.round(databaseUs)}`;
}

/** How far the runs lie apart, in per cent of their median: what noise there was. */
function spreadOf({ runs, requestsPerSecond }: Figures): string {
  const spread = (Math.max(...runs) - Math.min(...runs)) / requestsPerSecond;
  return `${Math.round(spread * 100)} %`;
}

/** `docs/performance.md`. */
export function documentOf(
  session: Session,
  measured: ReadonlyMap<ScenarioName, Measured>,
  titles: ReadonlyMap<ScenarioName, string>,
  logins: string | undefined,
): string {
  const { options, generator, serverVersion, readyMs } = session;
  const memory = (name: ServerName): string => {
    const values = [...measured.values()].map((figures) => figures[name].residentMiB ?? NaN);
    const most = Math.max(...values);
    return Number.isNaN(most) ? 'unknown' : `${Math.round(most)} MiB`;
  };
  const gib = Math.round(totalmem() / 2 ** 30);
  return `# Performance

Written by \`npm run bench\`; measure on your own machine with the same command.

${tableHead()}
${[...measured].map(([name, figures]) => rowOf(titles.get(name) ?? name, figures)).join('\n')}

Requests a second, the median of ${options.rounds} rounds of ${options.seconds} s; the ratios are medians of each
round's own ratio. \`spread\` is the distance between the best and
the worst round in per cent of the median, server by server: what noise there was. CPU time
depends on noise far less; for Mainstay it holds the work that follows an answer too (relay, consumers).

## How it was measured

All in one session on one machine: ${availableParallelism()} cores, ${gib} GiB, Node.js ${process.versions.node}, PostgreSQL ${serverVersion} with
its default durability (fsync and synchronous_commit on), all over loopback. PostgreSQL, the server
and the load generator (${generator}, ${CONNECTIONS} connections, one request at a time on each) share the cores. Servers take
turns round by round; each has one process and ${POOL_SIZE} connections to the same database, seeded by
\`npm run seed\` with ${DATA.users.toLocaleString('en')} accounts, ${DATA.posts.toLocaleString('en')} posts and ${DATA.follows.toLocaleString('en')} follows.

- **Mainstay** is the built application with everything on: Bearer tokens of 1,000 users, permissions,
  validation, ETags, a JSON log record for every request, metrics, tracing at ${SAMPLE_RATIO * 100} % exported over OTLP,
  the outbox and its consumers. Only the rate limits are off.
- **bare node:http** and **bare Fastify** answer the same requests with the same JSON from the same
  data, with named statements, and do nothing else: no authentication, no validation, no logs.

All servers get the same bytes. Before the clock starts their answers are compared; a run in which a
single request fails, or a created post is not in the table, fails the whole benchmark.

${logins === undefined ? '' : `## Logins beside argon2id\n\n${logins}\n\n`}## Memory and start

| | ${serverNames.map((name) => titleOf[name]).join(' | ')} |
|---|${'---|'.repeat(serverNames.length)}
| resident under load | ${serverNames.map(memory).join(' | ')} |
| start to ready | ${serverNames.map((name) => `${(readyMs[name] / 1000).toFixed(2)} s`).join(' | ')} |
`;
}
