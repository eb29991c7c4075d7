import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** What the link in a mail is good for. */
export type Purpose = 'email_verification' | 'email_change' | 'password_reset';

/** How long a link is good for, from when its mail is sent. */
export const ONE_TIME_TOKEN_SECONDS = 600;

/** A token as clients send it back. What is none is refused by the use case, like an old one. */
export const oneTimeToken = z
  .string()
  .min(1)
  .max(128)
  .meta({ description: 'The `token` of a link in a mail: good once, for 10 minutes.' });

/** 256 random bits. */
export function newOneTimeToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a token. It has 256 random bits, so a plain hash is enough. */
export function hashOneTimeToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
