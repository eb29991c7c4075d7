import { z } from 'zod';

/** Whether PostgreSQL can hold it and UTF-8 can carry it: no NUL, no lone surrogate. */
export const isStorable = (value: string): boolean => !value.includes('\0') && value.isWellFormed();

/** Text that can be stored. */
export function text(min: number, max: number) {
  return z.string().min(min).max(max).refine(isStorable, 'NUL and lone surrogates are not allowed');
}
