import { median } from '../measure.ts';
import { makeParts, type Parts } from './parts.ts';

/** One concern of the hot path, measured alone. */
export interface Concern {
  title: string;
  /** Microseconds a request, the median of the rounds. */
  cost: number;
  /** The bar it has to stay under; what has none is there for comparison. */
  bar?: number;
}

const ROUNDS = 5;
const MANY = 200_000;
const SOME = 20_000;
/** Requests that are under way at once, where waiting is part of the work. */
const AT_ONCE = 50;

/** Breaker, cache and limits, each by itself in this process. */
export async function measureConcerns(redisUrl: string): Promise<Concern[]> {
  const parts = await makeParts(redisUrl);
  try {
    return [
      { title: 'breaker, closed', cost: await breakerCost(parts), bar: 1 },
      { title: 'cache, hit in memory', cost: await cacheCost(parts), bar: 5 },
      { title: 'limits of three policies, in memory', cost: await limitsCpu(parts.inMemory) },
      {
        title: 'limits of three policies, in Redis: CPU',
        cost: await limitsCpu(parts.inRedis),
        bar: 100,
      },
      {
        title: 'limits of three policies, in Redis: time of a lone request',
        cost: await limitsTime(parts.inRedis),
      },
    ];
  } finally {
    await parts.stop();
  }
}

async function breakerCost({ breaker }: Parts): Promise<number> {
  const work = (): Promise<void> => Promise.resolve();
  return (await timeOf(MANY, () => breaker.run(work))) - (await timeOf(MANY, work));
}

async function cacheCost({ cache }: Parts): Promise<number> {
  const load = (): Promise<object> => Promise.resolve({ id: 'one' });
  await cache.getOrLoad('one', load);
  const hit = (): Promise<unknown> => cache.getOrLoad('one', load);
  return (await timeOf(MANY, hit)) - (await timeOf(MANY, load));
}

const windowsOf = (user: number) =>
  ['api', 'hourly', 'writes'].map((policy) => ({
    key: `{user-${user % 1000}}:${policy}`,
    limit: 1000,
    windowMs: 60_000,
  }));

/** What a request costs this process while many are under way. */
function limitsCpu(storage: Parts['inMemory']): Promise<number> {
  return medianOf(async () => {
    const before = process.cpuUsage();
    for (let user = 0; user < SOME; user += AT_ONCE)
      await Promise.all(
        Array.from({ length: AT_ONCE }, async (_none, n) => storage.take(windowsOf(user + n))),
      );
    const { user, system } = process.cpuUsage(before);
    return (user + system) / SOME;
  });
}

/** How much later a request is answered when nothing else is under way. */
function limitsTime(storage: Parts['inRedis']): Promise<number> {
  let user = 0;
  return timeOf(SOME / 10, () => storage.take(windowsOf(user++)));
}

/** Microseconds of one call, called one after the other. */
function timeOf(calls: number, call: () => unknown): Promise<number> {
  return medianOf(async () => {
    const started = performance.now();
    for (let n = 0; n < calls; n++) await call();
    return ((performance.now() - started) * 1000) / calls;
  });
}

/** The first round warms up and is not counted. */
async function medianOf(round: () => Promise<number>): Promise<number> {
  const figures: number[] = [];
  for (let n = 0; n <= ROUNDS; n++) figures.push(await round());
  return median(figures.slice(1));
}
