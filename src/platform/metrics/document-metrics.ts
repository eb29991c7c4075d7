import { register } from 'prom-client';

interface Described {
  name: string;
  help: string;
  type: string;
  labelNames?: readonly string[];
}

/** `docs/metrics.md`: every metric of the process, as its code declares it. */
export function documentMetrics(): string {
  const metrics = (register.getMetricsAsArray() as unknown as Described[]).map(describe).sort();
  return [
    '# Metrics',
    '',
    'What `/metrics` exposes, made from the code by `npm run docs`. Names and labels are a contract: alerts and dashboards',
    'stand on them. No label ever holds an id, a path with ids, or user text. Who asks for OpenMetrics, as Prometheus does, also gets',
    'exemplars: the trace ids of recorded requests, in the buckets of `http_request_duration_seconds`.',
    '',
    '| name | labels | tells |',
    '|---|---|---|',
    ...metrics,
    '',
  ].join('\n');
}

function describe({ name, help, labelNames = [] }: Described): string {
  return `| \`${name}\` | ${[...labelNames].join(', ')} | ${help} |`;
}
