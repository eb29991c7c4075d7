import { z } from 'zod';
import { pageOf } from '../../../platform/http/page.js';
import { text } from '../../../platform/http/text.js';

/** Lower case letters, digits and hyphens: it goes into headers and tokens. */
export const tenantId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'expected 1 to 63 of a-z, 0-9 and "-", not beginning with "-"',
  )
  .meta({ examples: ['acme'] });

export const newTenant = z
  .strictObject({
    id: tenantId,
    name: text(1, 80)
      .trim()
      .min(1)
      .regex(/^\P{Cc}*$/u, 'control characters are not allowed'),
  })
  .meta({ id: 'NewTenant' });
export type NewTenant = z.output<typeof newTenant>;

export const tenantSchema = z
  .object({ id: z.string(), name: z.string(), createdAt: z.iso.datetime() })
  .meta({ id: 'Tenant' });
export type Tenant = z.output<typeof tenantSchema>;

export const tenantPage = pageOf(tenantSchema).meta({ id: 'TenantPage' });
