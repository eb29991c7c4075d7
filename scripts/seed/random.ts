/** Draws indexes 0..n-1 with the probability of given weights. */
export type Draw = () => number;

/**
 * Few get most: the weight of rank r is 1 / r^exponent. Ranks are dealt out at random, so that the
 * popular ones are not simply the first ones.
 */
export function zipf(count: number, exponent: number): Draw {
  const ranks = shuffled(count);
  const cumulative = new Float64Array(count);
  let sum = 0;
  for (let index = 0; index < count; index++) {
    sum += 1 / (index + 1) ** exponent;
    cumulative[index] = sum;
  }
  return () => ranks[indexAt(cumulative, Math.random() * sum)] ?? 0;
}

/** The first index whose cumulative weight is above the target. */
function indexAt(cumulative: Float64Array, target: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((cumulative[middle] ?? 0) > target) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The numbers 0..count-1 in random order. */
export function shuffled(count: number): Uint32Array {
  const numbers = Uint32Array.from({ length: count }, (_, index) => index);
  for (let index = count - 1; index > 0; index--) {
    const other = Math.floor(Math.random() * (index + 1));
    const held = numbers[index] ?? 0;
    numbers[index] = numbers[other] ?? 0;
    numbers[other] = held;
  }
  return numbers;
}

export function pick<T>(items: readonly [T, ...T[]]): T {
  return items[Math.floor(Math.random() * items.length)] ?? items[0];
}

/** One of the keys, by their shares, which add up to 1. */
export function pickByShare<K extends string>(shares: Readonly<Record<K, number>>): K {
  const entries = Object.entries(shares) as [K, number][];
  let rest = Math.random();
  for (const [key, share] of entries) if ((rest -= share) < 0) return key;
  return (entries.at(-1) as [K, number])[0];
}

/** A positive number around the median, now and then several times as large. */
export function logNormal(median: number, sigma: number): number {
  const normal =
    Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return median * Math.exp(sigma * normal);
}
