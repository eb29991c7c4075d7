import { z } from 'zod';
import { pageOf } from '../../../platform/http/page.js';

/** An open session, as its user sees it. */
const session = z
  .object({
    id: z.uuid(),
    device: z.string().meta({ description: 'The `User-Agent` that opened it.' }),
    ip: z.string(),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().meta({ description: 'To the minute.' }),
    current: z.boolean().meta({ description: 'Whether it is the one that asks.' }),
  })
  .meta({ id: 'Session' });
export type SessionView = z.output<typeof session>;

export const sessionPage = pageOf(session).meta({ id: 'SessionPage' });
