import { hash } from 'node:crypto';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import type { OwnProfile } from './account.schemas.js';

/**
 * The entity tag of the own profile: of what its owner changes, a dot, and of the counts, which others change.
 * All of it decides whether a reader has the same bytes.
 */
export function profileEtag({ counts, ...own }: OwnProfile): string {
  return `"${tagOf(own)}.${tagOf(counts)}"`;
}

/**
 * Judges an `If-Match` header by the first part alone: that somebody followed the account meanwhile is no
 * reason to refuse a change of its name. Without the header any state will do.
 *
 * @throws AppError `stale_resource`
 */
export function assertProfileMatch(header: string | undefined, profile: OwnProfile): void {
  if (header === undefined || header.trim() === '*') return;
  const [own] = profileEtag(profile).split('.');
  const isSame = header.split(',').some((tag) => tag.trim().split('.')[0] === own);
  if (!isSame) throw platformErrors.stale_resource();
}

const tagOf = (part: object): string => hash('sha1', JSON.stringify(part), 'base64url');
