import type { FastifyRequest } from 'fastify';

/** What operators are asked for: a browser shows its dialogue, and a program reads that a token will do. */
export const OPERATIONS_CHALLENGE =
  'Basic realm="Mainstay operations", charset="UTF-8", Bearer realm="Mainstay operations"';

export const isBasic = (header: string): boolean => /^Basic(?: |$)/i.test(header);

/** The password of an `Authorization: Basic` header, whoever the user is; undefined for another scheme. */
export function basicPassword(header: string | undefined): string | undefined {
  if (header === undefined || !isBasic(header)) return undefined;
  const pair = Buffer.from(header.slice(6).trim(), 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

const reads = new Set(['GET', 'HEAD']);

/**
 * Whether a request with Basic credentials may be what its sender meant. A browser sends them along
 * whoever wrote the page that asks: so nothing is changed but by a page of our own, and nothing is
 * read by another one. Following a link is no reading: who wrote the page with the link sees nothing of ours.
 */
export function mayBeByBrowser({ method, headers, host }: FastifyRequest): boolean {
  const isRead = reads.has(method);
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin') return true;
  if (site !== undefined)
    return isRead && (site === 'none' || headers['sec-fetch-mode'] === 'navigate');
  // Over plain HTTP browsers say nothing of the site; what is not a simple read names its origin.
  if (headers.origin === undefined) return isRead;
  return URL.parse(headers.origin)?.host === host;
}
