/**
 * A process of its own that puts load on a URL, in rounds: first what the server can do (as many at a
 * time as keep it busy), then a multiple of that at an even pace, whatever becomes of it. Rounds,
 * because on a machine that others use as well the capacity of now is not that of a moment ago.
 * (autocannon sends a rate in one burst a second, and the server is idle between those.)
 * Prints one line of JSON. `node generate-load.ts <request as JSON> <times>`
 */
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** What became of one stage of the load; latencies in milliseconds. */
export interface Stage {
  seconds: number;
  ok: number;
  shed: number;
  /** Other statuses, and connections that broke. */
  other: number;
  okP99: number;
  shedP50: number;
}

/** A line of the output. */
export interface LoadReport {
  warmUp: Stage;
  rounds: { peak: Stage; overload: Stage }[];
}

/** What is sent. */
export interface LoadRequest {
  url: string;
  method: string;
  headers: Record<string, string | number>;
  body: string;
}

const ROUNDS = 5;
const BUSY = 8;
const TICK_MS = 5;

const [json = '', times = '5'] = process.argv.slice(2);
const what = JSON.parse(json) as LoadRequest;
const agent = new Agent({ keepAlive: true, scheduling: 'fifo' });

/** @returns the status, 0 when there was none */
function send(): Promise<number> {
  return new Promise((resolve) => {
    request(what.url, { method: what.method, headers: what.headers, agent }, (response) => {
      response.resume();
      response.on('close', () => resolve(response.statusCode ?? 0));
    })
      .on('error', () => resolve(0))
      .end(what.body);
  });
}

/** Counts what becomes of the requests that `drive` sends until its time is over. */
async function stage(
  seconds: number,
  drive: (sendOne: () => Promise<void>, isOver: () => boolean) => Promise<void>,
): Promise<Stage> {
  const ok: number[] = [];
  const shed: number[] = [];
  let other = 0;
  const endsAt = performance.now() + seconds * 1000;
  const under = new Set<Promise<void>>();
  const sendOne = async (): Promise<void> => {
    const sentAt = performance.now();
    const status = await send();
    const milliseconds = performance.now() - sentAt;
    if (status === 200) ok.push(milliseconds);
    else if (status === 503) shed.push(milliseconds);
    else other++;
  };
  await drive(
    () => {
      const one = sendOne().finally(() => under.delete(one));
      under.add(one);
      return one;
    },
    () => performance.now() >= endsAt,
  );
  await Promise.all(under);
  return {
    seconds,
    ok: ok.length,
    shed: shed.length,
    other,
    okP99: quantile(ok, 0.99),
    shedP50: quantile(shed, 0.5),
  };
}

/** So many at a time, each after the one before: what the server can do. */
const busy = (seconds: number): Promise<Stage> =>
  stage(seconds, async (sendOne, isOver) => {
    const one = async (): Promise<void> => {
      while (!isOver()) await sendOne();
    };
    await Promise.all(Array.from({ length: BUSY }, one));
  });

/** So many a second, whether the others have been answered or not. */
const atRate = (seconds: number, rate: number): Promise<Stage> =>
  stage(seconds, async (sendOne, isOver) => {
    const startedAt = performance.now();
    for (let sent = 0; !isOver(); await pause(TICK_MS)) {
      for (const due = ((performance.now() - startedAt) / 1000) * rate; sent < due; sent++)
        void sendOne();
    }
  });

const quantile = (values: number[], share: number): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length * share)] ?? 0;

const warmUp = await busy(2);
const rounds: LoadReport['rounds'] = [];
for (let round = 0; round < ROUNDS; round++) {
  const peak = await busy(1.5);
  rounds.push({ peak, overload: await atRate(2, (peak.ok / peak.seconds) * Number(times)) });
}
process.stdout.write(`${JSON.stringify({ warmUp, rounds } satisfies LoadReport)}\n`);
agent.destroy();
