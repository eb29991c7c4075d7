/** A value as both levels keep it. */
export interface Entry<V> {
  /** Null says that there is nothing under the key. */
  value: V | null;
  /** Unix milliseconds from which it should be loaded anew, by one caller, while the others still get it. */
  staleAt: number;
}

/**
 * How long an invalidation is remembered: longer than any statement may take, so that a load that read the
 * old row has ended by then.
 */
export const INVALIDATED_MS = 12_000;
