import { createHash, randomBytes } from 'node:crypto';

/** A new API key: `mk_` and 256 random bits. Nothing about it can be guessed, so a plain hash is enough. */
export function newApiKey(): string {
  return `mk_${randomBytes(32).toString('base64url')}`;
}

/** What is stored of a key, and what it is found by. */
export function hashApiKey(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
