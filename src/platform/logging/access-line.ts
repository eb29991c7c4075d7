import type { RequestContext } from '../observability/request-context.js';

/** What the access log says of an answered request. */
export interface Access {
  method: string;
  /** The pattern of the route. */
  endpoint: string;
  status: number;
  /** Milliseconds. */
  durationMs: number;
}

/**
 * The access record as a line of JSON, put together by hand: it is written for every request, of fields
 * that are all our own. With pino it costs 4 µs a request, this way less than one.
 *
 * @param base the fields of the process, as `"name":"value",…`
 */
export function accessLine(
  base: string,
  time: string,
  work: RequestContext,
  access: Access,
): string {
  const { requestId, traceId, spanId, principal, tenantId } = work;
  const user = principal ? `,"user_id":${JSON.stringify(principal.userId)}` : '';
  const tenant = tenantId ? `,"tenant_id":${JSON.stringify(tenantId)}` : '';
  return (
    `{"level":"info","time":"${time}",${base},"module":"http","request_id":${JSON.stringify(requestId)}` +
    `,"trace_id":"${traceId}","span_id":"${spanId}"${user}${tenant},"event":"request","method":"${access.method}"` +
    `,"endpoint":${JSON.stringify(access.endpoint)},"status":${access.status},"duration_ms":${access.durationMs},"msg":"request"}\n`
  );
}

let lastMs = 0;
let lastText = '';

/** The moment as RFC 3339; records of one millisecond share the text. */
export function timeText(): string {
  const now = Date.now();
  if (now !== lastMs) {
    lastMs = now;
    lastText = new Date(now).toISOString();
  }
  return lastText;
}
