import { hash } from 'node:crypto';
import { platformErrors } from '../errors/platform.errors.js';

/** The entity tag of a body: the same bytes, the same tag, on every instance. */
export function etagOf(body: string): string {
  return `"${hash('sha1', body, 'base64url')}"`;
}

/** Whether an `If-None-Match` header names the tag. */
export function matchesEtag(header: string, etag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((candidate) => candidate.trim().replace(/^W\//, '') === etag);
}

/**
 * Judges an `If-Match` header; without one any state will do. Do it where the resource is locked, so that what
 * it was judged by is what is changed.
 *
 * @param resource what a GET of it answers now: plain JSON data
 * @throws AppError `stale_resource`
 */
export function assertMatch(header: string | undefined, resource: object): void {
  if (header === undefined || header.trim() === '*') return;
  const etag = etagOf(JSON.stringify(resource));
  // Weak tags say that two answers mean the same, which is not enough to write by.
  if (!header.split(',').some((candidate) => candidate.trim() === etag))
    throw platformErrors.stale_resource();
}
