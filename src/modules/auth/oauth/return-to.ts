import { platformErrors } from '../../../platform/errors/platform.errors.js';

/** Longer, and the cookie that keeps it would not be kept by browsers. */
const MAX_LENGTH = 2000;

/**
 * The address that a finished sign-in may go to: one of the listed origins, else anybody's link could
 * use us to send people anywhere.
 *
 * @param origins `http.corsOrigins`
 * @returns the address as it was understood, so that the browser cannot understand it differently
 * @throws AppError `validation_failed`
 */
export function checkReturnTo(returnTo: string, origins: readonly string[]): string {
  const url = URL.parse(returnTo);
  const isListed =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    origins.some((origin) => URL.parse(origin)?.origin === url.origin);
  if (isListed && url.href.length <= MAX_LENGTH) return url.href;
  throw platformErrors.validation_failed({
    errors: [
      {
        path: 'returnTo',
        code: isListed ? 'too_big' : 'not_listed',
        message: isListed
          ? `expected at most ${MAX_LENGTH} characters`
          : 'expected an address on one of the listed origins (http.corsOrigins)',
      },
    ],
  });
}
