import { z } from 'zod';
import { ownProfile } from '../accounts/account.schemas.js';

/** What a client that keeps its own tokens gets. */
export const tokenPair = z
  .object({
    accessToken: z.string(),
    refreshToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int().meta({ description: 'Seconds until the access token expires.' }),
  })
  .meta({ id: 'TokenPair' });

/** What a page gets: its refresh token is a cookie that it cannot read. */
const browserSession = tokenPair
  .omit({ refreshToken: true })
  .extend({
    csrfToken: z
      .string()
      .meta({ description: 'Goes with every write that relies on the cookie, as `X-CSRF-Token`.' }),
  })
  .meta({ id: 'BrowserSession' });
export type BrowserSession = z.output<typeof browserSession>;

/** Tokens by `mode`: two of them, or one and a cookie. */
export const anyTokens = z.union([tokenPair, browserSession]).meta({ id: 'Tokens' });

export const registered = z
  .union([tokenPair.extend({ user: ownProfile }), browserSession.extend({ user: ownProfile })])
  .meta({ id: 'Registered' });

export const modeQuery = z.strictObject({
  mode: z.literal('cookie').optional().meta({
    description:
      '`cookie`, for browsers: the refresh token is set as a `__Host-` cookie, and the answer holds a CSRF token instead.',
  }),
});

/** For the API document: where the refresh token of a page is. */
export const setsCookie = {
  'Set-Cookie': {
    description: 'The `__Host-` refresh cookie, for a page; at its end one that takes it away.',
    schema: { type: 'string' as const },
  },
};
