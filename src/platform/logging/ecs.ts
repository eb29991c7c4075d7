import { ecsFormat } from '@elastic/ecs-pino-format';
import type { LoggerOptions } from 'pino';
import type { LogIdentity } from './logging.config.js';

/** Where our fields stand in the Elastic Common Schema. What has no field there goes under `labels`. */
const names: Partial<Record<string, string>> = {
  request_id: 'http.request.id',
  trace_id: 'trace.id',
  span_id: 'span.id',
  user_id: 'user.id',
  tenant_id: 'organization.id',
  method: 'http.request.method',
  status: 'http.response.status_code',
  event: 'event.action',
  endpoint: 'labels.endpoint',
  url: 'url.full',
  module: 'log.logger',
};

/** An error as `redact` leaves it. */
interface SafeError {
  type?: unknown;
  message?: unknown;
  stack?: unknown;
  code?: unknown;
  cause?: unknown;
}

/** pino's options for the Elastic Common Schema: those of Elastic, and the names of our fields. */
export function ecsOptions(identity: LogIdentity): LoggerOptions {
  const { role, version } = identity;
  const options = ecsFormat({
    serviceName: 'mainstay',
    serviceVersion: version,
    serviceNodeName: role,
    apmIntegration: false,
    convertErr: false, // ours is redacted already, and no Error any more
  });
  return { ...options, base: {} }; // without pid and host, as in our own format
}

/** The fields of a record under their names in the schema. */
export function toEcs(record: Record<string, unknown>): Record<string, unknown> {
  const ecs: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(record)) {
    const name = names[field];
    if (name !== undefined) ecs[name] = value;
    else if (field === 'duration_ms') ecs['event.duration'] = Math.round(Number(value) * 1e6);
    else if (field === 'err') putError(ecs, value);
    else ecs[`labels.${field}`] = typeof value === 'object' ? JSON.stringify(value) : value;
  }
  return ecs;
}

function putError(ecs: Record<string, unknown>, value: unknown): void {
  if (typeof value !== 'object' || value === null) {
    ecs['error.message'] = typeof value === 'string' ? value : JSON.stringify(value);
    return;
  }
  const { type, message, stack, code, cause } = value as SafeError;
  Object.assign(ecs, {
    'error.type': type,
    'error.message': message,
    'error.stack_trace': stack,
    ...(code !== undefined && { 'error.code': code }),
    ...(cause !== undefined && { 'labels.error_cause': JSON.stringify(cause) }),
  });
}
