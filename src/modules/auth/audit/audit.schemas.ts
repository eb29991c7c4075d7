import { z } from 'zod';
import { pageOf, pageQuery } from '../../../platform/http/page.js';
import { auditEvents } from './audit-events.js';
import { tenantId } from '../tenants/tenant.schemas.js';

/** A line of the audit log. */
const auditLine = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    event: z.string(),
    result: z.enum(['success', 'failure']),
    actorId: z.uuid().nullable().meta({ description: 'Who did it; null for nobody known.' }),
    subjectId: z.uuid().nullable().meta({ description: 'The account that it happened to.' }),
    sessionId: z.uuid().nullable(),
    ip: z.string().nullable(),
    device: z.string().nullable(),
    requestId: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditLine' });
export type AuditLine = z.output<typeof auditLine>;

export const auditPage = pageOf(auditLine).meta({ id: 'AuditPage' });

const moment = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= 0, 'expected a moment after 1970');

export const auditQuery = pageQuery.extend({
  event: z.enum(auditEvents).optional(),
  user: z.uuid().optional().meta({ description: 'Who did it, or whom it happened to.' }),
  result: z.enum(['success', 'failure']).optional(),
  since: moment.optional().meta({ description: 'Lines from this moment on.' }),
  until: moment.optional().meta({ description: 'Lines before this moment.' }),
  tenant: tenantId
    .optional()
    .meta({ description: 'Another tenant; only for administrators of `default`.' }),
});
export type AuditQuery = z.output<typeof auditQuery>;
