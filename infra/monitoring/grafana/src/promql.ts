/** The labels that the variables of a dashboard choose; every selector begins with them. */
export const here = 'job=~"$job",instance=~"$instance"';

/** Routes of probes and operators: their answers are no user's, and thousands of scrapes would hide an error. */
const OPERATIONAL = '/metrics|/healthz.*|/readyz|/ops/.*|/console.*';

/** The requests of users. */
export const ofUsers = `${here},route!~"${OPERATIONAL}"`;

/** The same, on the chosen routes. */
export const perRoute = `${ofUsers},route=~"$route"`;

/** The rate of a counter, over as little time as the zoom and the scrape interval allow. */
export const rate = (selector: string): string => `rate(${selector}[$__rate_interval])`;

/** How often something happened in all of the time that is shown. */
export const inAll = (selector: string): string => `sum(increase(${selector}[$__range]))`;

interface Of {
  /** A quantile for each value of this label. */
  by?: string;
  /** Matchers, if not only the chosen instances. */
  where?: string;
}

/** A quantile of a histogram of durations, over all chosen instances: `quantile(0.95, 'http_request_duration_seconds')`. */
export function quantile(share: number, histogram: string, { by, where = here }: Of = {}): string {
  const labels = by === undefined ? 'le' : `${by}, le`;
  return `histogram_quantile(${share}, sum by (${labels}) (${rate(`${histogram}_bucket{${where}}`)}))`;
}

/** The three quantiles that tell the usual from the slow and the slowest. */
export const quantiles = (histogram: string, of: Of = {}): Record<string, string> => ({
  p50: quantile(0.5, histogram, of),
  p95: quantile(0.95, histogram, of),
  p99: quantile(0.99, histogram, of),
});
