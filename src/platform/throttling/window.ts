/** One sliding window that a request is counted in. */
export interface Window {
  /** Policy and whose requests are counted together, e.g. `api:0198…`. */
  key: string;
  limit: number;
  windowMs: number;
}

/** How a window stands after the request was judged. */
export interface Standing {
  /** The limit in force: in the memory of one instance its share of the policy's. */
  limit: number;
  remaining: number;
  /** Milliseconds until the oldest hit leaves the window. */
  resetMs: number;
  /** Milliseconds until a hit would be allowed; 0 when it was allowed now. */
  retryMs: number;
}

/**
 * Judges one request under all windows that apply to it: it is counted in all of them, or, when one
 * is full, in none, so that waiting for that one is enough. `look` only tells how they stand.
 */
export type Counting = 'take' | 'look';
