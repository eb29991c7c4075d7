import { z } from 'zod';

/** A page of a list: the items, and where the next page begins. */
export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

/** The query of every list: `?limit=` 1..100 and `?cursor=`. Extend it with the list's own filters. */
export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'expected a whole number from 1 to 100')
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .default(20)
    .meta({ description: 'Items a page, 1 to 100.' }),
  cursor: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .meta({ description: '`nextCursor` of the page before.' }),
});

/** The schema of a page of items, for the API document. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/**
 * Makes a page of one row more than was asked for: keyset, so page N costs what page 1 costs.
 *
 * @param rows at most `limit + 1` rows
 * @param cursorOf the cursor that continues after a row
 */
export function toPage<R>(
  rows: R[],
  limit: number,
  cursorOf: (row: R) => string,
): { rows: R[]; nextCursor: string | null } {
  if (rows.length <= limit) return { rows, nextCursor: null };
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { rows: kept, nextCursor: last === undefined ? null : cursorOf(last) };
}
