import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { root, run } from '../support/process.js';
import type { LoadReport, Stage } from '../support/generate-load.js';

const TIMES = 5;
/**
 * Who is taken waits 0.9 s at most as far as it can be told, and in the best of times behind seven others: where a
 * machine that is not this test's alone stands still, both take longer, and the one is no more than so many times the other.
 */
const TIMES_AS_LONG = 10;

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
const quantile = (values: number[], share: number): number =>
  values.sort((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN;
const median = (values: number[]): number => quantile(values, 0.5);
const goodput = ({ ok, seconds }: Stage): number => ok / seconds;

describe('F12 five times the capacity', () => {
  let instances: Instances;
  let instance: Instance;

  beforeAll(async () => {
    instances = await createInstances();
    instance = await instances.start({
      MAINSTAY__LOGGING__SAMPLING__WRITES: '0',
      // The defaults, which tests about something else are spared.
      MAINSTAY__OVERLOAD__MAX_EVENT_LOOP_DELAY_MS: '250',
      MAINSTAY__AUTH__HASH_WAIT_SECONDS: '0.9',
    });
  });
  afterAll(async () => {
    expect(await instance.app.stop()).toBe(0);
    await instances.clean();
  });

  /**
   * Logins, in a process of its own. Each is 25 ms of a core, so that the machine is at its end with a
   * hundred a second, long before whatever else it has to do matters to the figures.
   */
  async function offer(): Promise<LoadReport> {
    const { username: identifier, password } = await instance.client.account('ada');
    const request = {
      url: `${instance.client.url}/api/v1/auth/login`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ identifier, password }),
    };
    const script = join(root, 'test/support/generate-load.ts');
    const load = run([script, JSON.stringify(request), String(TIMES)], {});
    const report = await load.log((record) => 'rounds' in record, 120_000);
    await load.exited;
    return report as unknown as LoadReport;
  }

  degrades(
    {
      id: 'F12',
      dependency: 'An instance',
      fault: 'is offered five times what it can do',
      works: 'at least 80 % of what it can do at its best, p99 below 1 s; probes and metrics',
      lost: 'the rest: 503 `overloaded` with `Retry-After`, at once',
      seen: '`errors_total{code="overloaded"}`, log event `shedding_started`',
    },
    async () => {
      const probes: number[] = [];
      let over = false;
      const probing = (async () => {
        while (!over) {
          const startedAt = performance.now();
          expect((await instance.client.get('/healthz')).status).toBe(200);
          probes.push(performance.now() - startedAt);
          await new Promise((resolve) => setTimeout(resolve, 20)); // a probe, not a load of its own
        }
      })();
      const { warmUp, rounds } = await offer();
      over = true;
      await probing;

      const overloads = rounds.map(({ overload }) => overload);
      // A machine that others use is overloaded by less.
      const all = [warmUp, ...rounds.flatMap(({ peak, overload }) => [peak, overload])];
      const shed = sum(all.map((stage) => stage.shed));
      const figures = {
        other: sum(rounds.map((round) => round.peak.other + round.overload.other)),
        timesOffered: median(
          rounds.map(
            ({ peak, overload }) =>
              (overload.ok + overload.shed) / overload.seconds / goodput(peak),
          ),
        ),
        // Of neighbours: what others leave of the machine changes from round to round.
        goodput: median(rounds.map(({ peak, overload }) => goodput(overload) / goodput(peak))),
        okP99: median(overloads.map(({ okP99 }) => okP99)),
        busyP99: median(rounds.map(({ peak }) => peak.okP99)),
        shedP50: median(overloads.map(({ shedP50 }) => shedP50)),
        probeP99: quantile(probes, 0.99),
      };
      const holds = (name: keyof typeof figures, ok: (figure: number) => boolean) =>
        ok(figures[name]) ? [] : [name];
      const broken = [
        ...holds('other', (figure) => figure === 0),
        ...holds('timesOffered', (figure) => figure > 0.8 * TIMES),
        ...holds('goodput', (figure) => figure >= 0.8),
        ...holds('okP99', (figure) => figure < Math.max(1000, TIMES_AS_LONG * figures.busyP99)),
        ...holds('shedP50', (figure) => figure < 100),
        ...holds('probeP99', (figure) => figure < 1000),
      ];
      expect({ broken, ...figures }).toEqual({ broken: [], ...figures });
      const { text } = await instance.client.get('/metrics');
      expect(Number(/errors_total\{code="overloaded"\} (\d+)/.exec(text)?.[1])).toBe(shed);
    },
  );
});
