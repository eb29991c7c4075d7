/** What every 429 tells its caller to do (rest.md, «limits»). */
export const BACK_OFF = 'Wait for Retry-After, then back off exponentially with jitter.';
