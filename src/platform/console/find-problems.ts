import type { CheckState } from '../health/health.registry.js';
import type { Readiness } from '../health/readiness.js';
import type { BreakerReport } from '../resilience/breaker.js';
import type { Gauges } from './gauges.js';
import type { TrafficReport } from './traffic.js';

/** Something that is not as it should be: what, how it shows, and who notices. */
export interface Finding {
  /** Stays the same while it lasts. */
  key: string;
  severity: 'critical' | 'warning';
  title: string;
  detail: string;
  /** For whom, and what is done instead. */
  affects: string;
  /** RFC 3339, where it is known; else it is since it was first found. */
  since: string | null;
  /** The breaker that an operator may close. */
  breaker: string | null;
}

/** What there is to find something in. */
export interface Facts {
  status: Readiness;
  checks: Record<string, CheckState>;
  breakers: BreakerReport[];
  gauges: Gauges;
  traffic: TrafficReport;
  /** Of the last minute, in seconds. */
  p95: number | null;
}

/** The same limits as the alerts have, without their patience: this is looked at, not rung. */
const FAILED_SHARE = 0.01;
const LEAST_FAILED = 3;
/** From here on most people notice. */
const GRAVE_SHARE = 0.2;
const SLOW_SECONDS = 0.5;

/** All that is wrong, the worst first. */
export function findProblems(facts: Facts): Finding[] {
  const found = [
    ...ofProcess(facts),
    ...ofChecks(facts),
    ...ofBreakers(facts),
    ...ofNumbers(facts),
  ];
  return found.sort(
    (a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical'),
  );
}

const finding = (
  key: string,
  severity: Finding['severity'],
  texts: Pick<Finding, 'title' | 'detail' | 'affects'>,
  more: Partial<Finding> = {},
): Finding => ({ key, severity, ...texts, since: null, breaker: null, ...more });

function ofProcess({ status }: Facts): Finding[] {
  if (status !== 'draining') return [];
  return [
    finding('draining', 'warning', {
      title: 'This process is going away',
      detail: 'It was told to stop. Running requests are finished.',
      affects: 'Nobody, where others serve: sockets are told to connect to them.',
    }),
  ];
}

/** Who notices that something other than a dependency behind a breaker is not well. */
const noticed: Readonly<Record<string, string>> = {
  configuration: 'Nobody now. The next start would fail.',
  bus: 'Other instances hear of changes up to a second later.',
  outbox: 'Sockets and notifications: events come late, none is lost.',
  jobs: 'Whoever waits for mail: it comes later.',
  event_loop: 'Everybody waits longer.',
  memory: 'Everybody, when it runs out.',
  disk: 'Everybody, when it is full.',
};

function ofChecks({ checks, breakers }: Facts): Finding[] {
  return Object.entries(checks).flatMap(([name, check]) => {
    const { status, need, since, lastError } = check;
    if (status === 'up') return [];
    const breaker = breakers.find((one) => one.name === name);
    const isOpen = breaker !== undefined && breaker.state !== 'closed';
    const says = lastError ?? 'it has not answered yet';
    const otherwise = noticed[name] ?? 'Nobody: other replicas or the primary do its work.';
    return finding(
      `check ${name}`,
      need === 'required' ? 'critical' : 'warning',
      {
        title: `${name} is ${status === 'down' ? 'down' : 'not known yet'}`,
        detail: isOpen ? `${says}; its breaker is ${breaker.state.replace('_', '-')}` : says,
        affects:
          need === 'required'
            ? 'Everybody: what needs it is answered 503.'
            : breaker
              ? `Nobody loses anything. Meanwhile: ${breaker.fallback}.`
              : otherwise,
      },
      { since, breaker: isOpen ? name : null },
    );
  });
}

/** Those whose dependency no check has found down. */
function ofBreakers({ breakers, checks }: Facts): Finding[] {
  return breakers
    .filter(({ name, state }) => state !== 'closed' && (checks[name]?.status ?? 'up') === 'up')
    .map(({ name, state, openedAt, lastError, fallback }) =>
      finding(
        `breaker ${name}`,
        'warning',
        {
          title: `The breaker of ${name} is ${state.replace('_', '-')}`,
          detail: lastError ?? 'it was opened by hand',
          affects: `Who needs ${name}. Meanwhile: ${fallback}.`,
        },
        { since: openedAt, breaker: name },
      ),
    );
}

function ofNumbers({ traffic, gauges, p95 }: Facts): Finding[] {
  const { requests, failed, shed } = traffic;
  const found: Finding[] = [];
  const find =
    (severity: Finding['severity']) =>
    (key: string, title: string, detail: string, affects: string): number =>
      found.push(finding(key, severity, { title, detail, affects }));
  const warn = find('warning');
  const alarm = find('critical');
  if (shed > 0)
    warn(
      'shed',
      'Requests are refused: there are too many',
      `${shed} in the last minute`,
      'Whoever asks now: 503 with Retry-After. More instances help.',
    );
  const share = failed / requests;
  if (failed - shed >= LEAST_FAILED && share > FAILED_SHARE)
    (share > GRAVE_SHARE ? alarm : warn)(
      'errors',
      'Requests fail',
      `${failed} of ${requests} in the last minute were answered 5xx`,
      `${percent(share)} of what is asked for; by route below.`,
    );
  if (p95 !== null && p95 > SLOW_SECONDS)
    warn(
      'slow',
      'Answers are slow',
      `95 of 100 take up to ${Math.round(p95 * 1000)} ms, in the last minute`,
      'One request of twenty waits longer than that; by route below.',
    );
  for (const { name, waiting, max } of gauges.pools)
    if (waiting > 0)
      alarm(
        `pool ${name}`,
        `All ${max} connections of ${name} are in use`,
        `${waiting} wait for one`,
        'Whoever waits: answered late, or 503.',
      );
  const dead = gauges.queues.find(({ name }) => name === 'dead-letters')?.waiting ?? 0;
  if (dead > 0)
    warn(
      'dead letters',
      'Jobs were given up',
      `${dead} in dead-letters`,
      'Whom they were for: mail that was never sent.',
    );
  return found;
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
