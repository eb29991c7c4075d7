import type { Dashboard } from './dashboard.ts';
import { above, below } from './limits.ts';
import { series, stat, states, upOrDown } from './panels.ts';
import { here, ofUsers, perRoute, quantile, quantiles, rate } from './promql.ts';

const requests = `http_requests_total{${perRoute}}`;
const failed = `http_requests_total{${perRoute},status=~"5.."}`;
/** Of all answers 99.9 % are no 5xx; what is left is the error budget. */
const BUDGET = 0.001;
const burn = (window: string): string =>
  `(sum(rate(http_requests_total{${ofUsers},status=~"5.."}[${window}])) or vector(0)) / sum(rate(http_requests_total{${ofUsers}}[${window}])) / ${BUDGET}`;
const DAY = 86_400;

/** Is it well? Rate, errors and duration first, then where an error comes from. */
export const serviceOverview: Dashboard = {
  uid: 'mainstay-service-overview',
  title: 'Service Overview',
  description: 'Is Mainstay well? Read from the top left: what is red there is explained below.',
  panels: [
    stat('Instances that answer', {
      means:
        'Share of the instances that Prometheus can scrape. Below 100 % one is gone: see its log, and whether it starts again.',
      runbook: 'ServiceDown',
      unit: 'percentunit',
      limits: below(1, 1),
      shows: { up: `avg(up{${here}})` },
    }),
    stat('Failed requests', {
      means:
        'Share of requests answered 5xx. Over 1 % for 5 minutes somebody is called. “Failed requests by route” and “Errors by code and dependency” say what fails.',
      runbook: 'HighErrorRate',
      unit: 'percentunit',
      limits: above(0.005, 0.01),
      shows: { failed: `(sum(${rate(failed)}) or vector(0)) / sum(${rate(requests)})` },
    }),
    stat('Latency, p95', {
      means:
        'Nineteen of twenty requests are answered faster. The aim is 100 ms; over 500 ms for 10 minutes somebody is called. “Latency by route” says where.',
      runbook: 'HighLatency',
      unit: 's',
      limits: above(0.1, 0.5),
      shows: { p95: quantile(0.95, 'http_request_duration_seconds', { where: perRoute }) },
    }),
    stat('Requests', {
      means:
        'Requests a second. A sudden drop while instances answer means that they are not reached: look at the gateway and at DNS.',
      runbook: 'ServiceDown',
      unit: 'reqps',
      shows: { requests: `sum(${rate(requests)})` },
    }),
    series('Requests by status', {
      means:
        'All answers. 4xx are the callers’ mistakes, 429 their limits; 5xx are ours. A new colour says more than a higher hill.',
      runbook: 'HighErrorRate',
      unit: 'reqps',
      stacked: true,
      shows: { '{{status}}': `sum by (status) (${rate(requests)})` },
    }),
    series('Failed requests by route', {
      means:
        'Share of a route’s requests answered 5xx; routes without any are not drawn. One route: its code or its statements. All routes: a dependency, see the breakers.',
      runbook: 'HighErrorRate',
      unit: 'percentunit',
      limits: above(0.005, 0.01),
      shows: {
        '{{route}}': `sum by (route) (${rate(failed)}) / sum by (route) (${rate(requests)})`,
      },
    }),
    series('Latency', {
      means:
        'From the arrival of a request to the end of its answer. p99 alone up: single slow statements or collections; all three up: the process or the database is busy. A dot leads to the trace of a request.',
      runbook: 'HighLatency',
      unit: 's',
      limits: above(0.1, 0.5),
      exemplars: true,
      shows: quantiles('http_request_duration_seconds', { where: perRoute }),
    }),
    series('Latency by route, p95', {
      means:
        'The slow route among the others. Login and register hash a password and take longer than all else.',
      runbook: 'HighLatency',
      unit: 's',
      exemplars: true,
      shows: {
        '{{route}}': quantile(0.95, 'http_request_duration_seconds', {
          by: 'route',
          where: perRoute,
        }),
      },
    }),
    series('Errors by code and dependency', {
      means:
        'Answers by the code of the catalogue (docs/errors.md), and failed calls to each dependency. `internal_error`: search the log for its requestId. `dependency_unavailable`: the calls beside it say which. `overloaded`: see the pool and the event loop.',
      runbook: ['HighErrorRate', 'BreakerOpen'],
      unit: 'ops',
      shows: {
        '{{code}}': `sum by (code) (${rate(`errors_total{${here}}`)})`,
        'calls to {{name}}': `sum by (name) (${rate(`circuit_breaker_failures_total{${here}}`)})`,
      },
    }),
    series('Error budget burn', {
      means:
        'How many times faster than allowed the budget of 0.1 % failed requests is spent. At 14.4 over an hour somebody is called: the month’s budget would be gone in two days. At 6 over six hours there is an alert.',
      runbook: ['SloAvailabilityBurnFast', 'SloAvailabilityBurnSlow'],
      unit: 'short',
      limits: above(6, 14.4),
      shows: { 'over 1 h': burn('1h'), 'over 6 h': burn('6h') },
    }),
    states('Circuit breakers', {
      means:
        'What happens between an instance and each dependency; the worst of all instances. Red: it fails and is left alone, its fallback is in use. Bring the dependency back; the breaker closes by itself.',
      runbook: 'BreakerOpen',
      unit: 'short',
      are: {
        0: { text: 'closed', color: 'green' },
        1: { text: 'half-open', color: 'yellow' },
        2: { text: 'open', color: 'red' },
      },
      shows: { '{{name}}': `max by (name) (circuit_breaker_state{${here}})` },
    }),
    states('Health checks', {
      means:
        'What each instance finds every ten seconds; the worst one. `database` down: answers are 503. Anything else: something is slower or late, and users notice little. /healthz/ready of the instance tells the last error.',
      runbook: ['ServiceDown', 'BreakerOpen'],
      unit: 'short',
      are: upOrDown,
      shows: { '{{check}}': `min by (check) (health_check_up{${here}})` },
    }),
    series('Refused by a limit', {
      means:
        'Answers 429 by policy (docs/configuration.md, limits). `auth` alone: somebody guesses passwords. `api` of many: a client in a loop, or a limit that is too tight.',
      runbook: 'HighErrorRate',
      unit: 'ops',
      shows: { '{{policy}}': `sum by (policy) (${rate(`rate_limit_rejections_total{${here}}`)})` },
    }),
    stat('Certificate expires in', {
      means:
        'The certificate that ends first, as the blackbox exporter sees it; of an expired one the last known date. Under 14 days its renewal does not work: do it by hand.',
      runbook: 'CertificateExpiring',
      unit: 's',
      tall: true,
      limits: below(21 * DAY, 14 * DAY),
      shows: { left: 'min(last_over_time(probe_ssl_earliest_cert_expiry[1d])) - time()' },
    }),
  ],
};
