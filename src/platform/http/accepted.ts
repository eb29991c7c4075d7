import { z } from 'zod';

/** The body of every 202: what was asked for is done later, or not, and the answer does not tell. */
export const accepted = z.object({ status: z.literal('accepted') }).meta({ id: 'Accepted' });
export type Accepted = z.output<typeof accepted>;
