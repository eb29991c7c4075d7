/** Posts and follows are of the last days; accounts are older, so that nobody wrote before they came. */
export const SPREAD_DAYS = 30;
export const DAY_MS = 86_400_000;

/** A moment of the last 30 days. */
export function recentMoment(): Date {
  return new Date(Date.now() - Math.random() * SPREAD_DAYS * DAY_MS);
}

/** Long enough for a day of load tests; the longest that `auth.accessTokenSeconds` allows. */
export const TOKEN_LIFE_SECONDS = 86_400;
