/** A value as both levels keep it. */
export interface Entry<V> {
  /** Null says that there is nothing under the key. */
  value: V | null;
  /** Unix milliseconds from which it should be loaded anew, by one caller, while the others still get it. */
  staleAt: number;
}
