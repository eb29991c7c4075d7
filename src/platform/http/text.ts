import { z } from 'zod';

/** Text that PostgreSQL can hold and UTF-8 can carry: no NUL, no lone surrogate. */
export function text(min: number, max: number) {
  return z
    .string()
    .min(min)
    .max(max)
    .refine(
      (value) => !value.includes('\0') && value.isWellFormed(),
      'NUL and lone surrogates are not allowed',
    );
}
