/**
 * A percentile from the buckets of a histogram, as Prometheus' `histogram_quantile` finds it: evenly
 * spread within its bucket.
 *
 * @param share 0.95 for the 95th
 * @param bounds upper bounds of the buckets, ascending, without the infinite one
 * @param counts of each bucket up to its bound (cumulative), the infinite one last
 * @returns null without observations; the highest bound for what is beyond it
 */
export function percentile(
  share: number,
  bounds: readonly number[],
  counts: readonly number[],
): number | null {
  const total = counts.at(-1) ?? 0;
  if (total <= 0) return null;
  const rank = share * total;
  const n = counts.findIndex((count) => count >= rank);
  const upper = bounds[n];
  if (upper === undefined) return bounds.at(-1) ?? null;
  const [lower = 0, below = 0] = n > 0 ? [bounds[n - 1], counts[n - 1]] : [];
  const within = (counts[n] ?? 0) - below;
  return within > 0 ? lower + ((upper - lower) * (rank - below)) / within : upper;
}
