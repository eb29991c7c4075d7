import { register } from 'prom-client';

/** One line of a metric. */
export interface Reading {
  labels: Readonly<Partial<Record<string, string | number>>>;
  value: number;
  /** Of a histogram: `<name>_bucket`, `<name>_sum` or `<name>_count`. */
  metricName?: string;
}

/**
 * The lines of one metric; none where nothing counts it in this process. Only what is asked for is
 * read: to read all would also start the event loop's statistics anew, which belong to whoever
 * scrapes `/metrics`.
 */
export async function readMetric(name: string): Promise<readonly Reading[]> {
  return (await register.getSingleMetric(name)?.get())?.values ?? [];
}

/** The sum of the lines by one label. */
export function sumBy(lines: readonly Reading[], label: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { labels, value } of lines) {
    const key = String(labels[label] ?? '');
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  return sums;
}
