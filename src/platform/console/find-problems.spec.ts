import { describe, expect, it } from '@jest/globals';
import type { BreakerReport } from '../resilience/breaker.js';
import { findProblems, type Facts } from './find-problems.js';

const since = '2026-11-20T03:12:45.000Z';
const up = { status: 'up', latencyMs: 1, since, lastError: null } as const;
const closed = {
  ...{ state: 'closed' as const, chaos: false, failures: 0, openedAt: null, lastError: null },
  fallback: 'the fallback',
} satisfies Omit<BreakerReport, 'name'>;
const well: Facts = {
  status: 'ok',
  checks: { database: { ...up, need: 'required' }, redis: { ...up, need: 'optional' } },
  breakers: [
    { ...closed, name: 'database' },
    { ...closed, name: 'redis' },
  ],
  gauges: {
    pools: [{ name: 'primary', active: 3, idle: 1, waiting: 0, max: 10 }],
    ...{ caches: [], queues: [], sockets: null, limitedPerSecond: 0 },
    events: { outboxLagSeconds: 1, position: 7 },
  },
  traffic: { seconds: 60, requests: 1000, failed: 5, shed: 0, busiest: [], slowest: [] },
  p95: 0.02,
};
const down = { ...up, status: 'down', lastError: 'ECONNREFUSED' } as const;
const open = (name: string): BreakerReport => ({
  ...closed,
  ...{ name, state: 'open', openedAt: since, lastError: 'TIMEOUT' },
});
const keys = (facts: Partial<Facts>) => findProblems({ ...well, ...facts }).map(({ key }) => key);

describe('what is broken', () => {
  it('is nothing where all is well, a few failures among many requests included', () => {
    expect(findProblems(well)).toEqual([]);
  });

  it('names a dependency once, with its breaker, since when and what is done instead', () => {
    const problems = findProblems({
      ...well,
      status: 'degraded',
      checks: { ...well.checks, redis: { ...down, need: 'optional' } },
      breakers: [{ ...closed, name: 'database' }, open('redis')],
    });
    expect(problems).toEqual([
      {
        ...{ key: 'check redis', severity: 'warning', title: 'redis is down' },
        detail: 'ECONNREFUSED; its breaker is open',
        affects: 'Nobody loses anything. Meanwhile: the fallback.',
        ...{ since, breaker: 'redis' },
      },
    ]);
  });

  it('is a breaker alone where the dependency is well again', () => {
    const [problem] = findProblems({ ...well, breakers: [open('redis')] });
    expect(problem).toMatchObject({ key: 'breaker redis', since, breaker: 'redis' });
  });

  it('has what concerns everybody first', () => {
    const checks = {
      redis: { ...down, need: 'optional' },
      database: { ...down, need: 'required' },
    } satisfies Facts['checks'];
    const problems = findProblems({ ...well, status: 'unavailable', checks });
    expect(problems.map(({ severity, title }) => [severity, title])).toEqual([
      ['critical', 'database is down'],
      ['warning', 'redis is down'],
    ]);
  });

  const { gauges, traffic } = well;
  it.each<[string, Partial<Facts>]>([
    ['draining', { status: 'draining' }],
    ['errors', { traffic: { ...traffic, failed: 11 } }],
    ['shed', { traffic: { ...traffic, failed: 2, shed: 2 } }],
    ['slow', { p95: 0.6 }],
    [
      'check disk',
      { checks: { disk: { ...down, need: 'informative', values: { freeShare: 0.01 } } } },
    ],
    [
      'pool primary',
      {
        gauges: {
          ...gauges,
          pools: [{ name: 'primary', active: 10, idle: 0, waiting: 4, max: 10 }],
        },
      },
    ],
    [
      'dead letters',
      {
        gauges: {
          ...gauges,
          queues: [{ name: 'dead-letters', waiting: 1, completed: 0, failed: 0 }],
        },
      },
    ],
  ])('is %s', (key, facts) => {
    expect(keys(facts)).toEqual([key]);
  });

  it('is no rate of errors where two requests are few: one failure of three says little', () => {
    expect(keys({ traffic: { ...traffic, requests: 3, failed: 2 } })).toEqual([]);
  });
});
