import { setTimeout as pause } from 'node:timers/promises';
import type { Account } from './client.js';

/** What users do all day, on several instances; whatever becomes of a request, the next one follows. */
export interface SteadyTraffic {
  stop(): Promise<void>;
}

const RATE = 60;
const MOST_AT_ONCE = 16;
/**
 * Every fiftieth request: where only notifications are broken, 2 % of the requests are; two of them between two
 * scrapes, each of another instance.
 */
const NOTIFICATIONS_EVERY = 50;

export function startTraffic(instances: string[], user: Account): SteadyTraffic {
  const underway = new Set<Promise<unknown>>();
  const headers = { authorization: `Bearer ${user.token}`, 'content-type': 'application/json' };
  let stopped = false;
  const send = async (n: number): Promise<void> => {
    // Odd and even requests differ, so the instances change after two.
    const url = instances[(n >> 1) % instances.length] ?? '';
    const write = n % 10 === 5;
    const path =
      n % NOTIFICATIONS_EVERY === 0
        ? 'realtime/notifications'
        : write
          ? 'posts'
          : `posts${n % 2 === 0 ? '/feed' : `?author=${user.username}`}`;
    const body = JSON.stringify({ body: `Post ${n}.` });
    const what = write ? { method: 'POST', headers, body } : { headers };
    const answer = await fetch(`${url}/api/v1/${path}`, what);
    await answer.arrayBuffer();
  };
  const drive = async (): Promise<void> => {
    let next = performance.now();
    for (let n = 0; !stopped; n++) {
      const one = send(n).catch(() => undefined); // an instance may be down: that is the drill
      underway.add(one);
      void one.finally(() => underway.delete(one));
      next = Math.max(next + 1000 / RATE, performance.now() - 50); // what was missed is not made up for
      if (next > performance.now()) await pause(next - performance.now());
      while (underway.size >= MOST_AT_ONCE) await Promise.race(underway);
    }
    await Promise.all(underway);
  };
  const finished = drive();
  return {
    stop: async () => {
      stopped = true;
      await finished;
    },
  };
}
