import type { IncomingMessage } from 'node:http';
import { SpanKind } from '@opentelemetry/api';
import type { LoggedEvent } from '../../platform/messaging/domain-event.js';
import { parseTraceParent } from '../../platform/tracing/trace-context.js';
import { runEntry } from '../../platform/tracing/run-entry.js';
import { recordSpan } from '../../platform/tracing/tracing.js';
import { loggerOf } from '../../platform/logging/logger.js';
import { counter, durations, gauge } from '../../platform/metrics/metrics.js';
import { errorsTotal } from '../../platform/metrics/platform.telemetry.js';
import type { Principal } from '../../platform/security/principal.js';

const log = loggerOf('realtime');

const connections = gauge('ws_connections', 'Open sockets of this process.');
const messages = counter('ws_messages_total', 'Frames by direction and operation.', [
  'direction',
  'op',
]);
const fanout = durations(
  'ws_fanout_seconds',
  'From the commit of a change to the write of its frame.',
);
const closed = counter('ws_closed_total', 'Closed sockets by code.', ['code']);
const notifications = counter('notifications_sent_total', 'Notifications by type and channel.', [
  'type',
  'channel',
]);

/** Codes that may be a label: ours, and those of the standard. Clients can send any number. */
const knownCodes = new Set([
  1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1011, 1012, 1013, 4401, 4403, 4408,
]);

/** A frame of a client: what it asks for, as the how manieth of which connection, and for whom. */
interface FrameOrigin {
  op: string;
  connectionId: string;
  number: number;
  principal: Principal | undefined;
}

/** One call an event. */
export const realtimeTelemetry = {
  opened(): void {
    connections.inc();
  },
  closed(code: number): void {
    connections.dec();
    closed.inc({ code: knownCodes.has(code) ? String(code) : 'other' });
  },
  received(op: string): void {
    messages.inc({ direction: 'in', op });
  },
  sent(op: string): void {
    messages.inc({ direction: 'out', op });
  },
  fannedOut(at: string): void {
    fanout.observe(Math.max(0, (Date.now() - Date.parse(at)) / 1000));
  },
  /** The end of the trace of a change: from its commit to the frames that tell of it. */
  dispatched({ trace, type, at, position }: LoggedEvent, frames: number): void {
    const cause = trace === null ? undefined : parseTraceParent(trace);
    if (!cause) return;
    recordSpan(cause, `ws send ${type}`, {
      kind: SpanKind.PRODUCER,
      startedAt: Math.min(Date.parse(at), Date.now()),
      attributes: { 'mainstay.frames': frames, 'messaging.message.offset': position },
    });
  },
  notified(type: string): void {
    notifications.inc({ type, channel: 'socket' });
  },
  /** Does what a frame asks for in a context of its own: its records and its calls say whose it is. */
  handling(origin: FrameOrigin, work: () => Promise<void>): Promise<void> {
    const { op, connectionId, number, principal } = origin;
    const who = principal && { principal, tenantId: principal.tenantId };
    const known = { ...who, endpoint: op };
    const requestId = `${connectionId}-${number}`;
    return runEntry({ name: `ws ${op}`, kind: SpanKind.SERVER, requestId, known }, async () => {
      const startedAt = performance.now();
      try {
        await work();
      } finally {
        const ms = Math.round((performance.now() - startedAt) * 1000) / 1000;
        log.debug({ event: 'ws_frame', duration_ms: ms }, 'frame');
      }
    });
  },
  /** Judges an upgrade in a context of its own. */
  admitting<T>(
    { headers }: IncomingMessage,
    requestId: string,
    work: () => Promise<T>,
  ): Promise<T> {
    const parent = parseTraceParent(headers['traceparent'] as string | undefined);
    const known = { endpoint: 'upgrade' };
    return runEntry({ name: 'ws upgrade', kind: SpanKind.SERVER, requestId, parent, known }, work);
  },
  upgradeRefused(code: string): void {
    errorsTotal.inc({ code });
  },
  upgradeFailed(error: unknown): void {
    log.error({ err: error, event: 'ws_upgrade_failed' }, 'an upgrade could not be judged');
  },
  frameFailed(error: unknown): void {
    log.error({ err: error, event: 'ws_frame_failed' }, 'a client frame could not be handled');
  },
};
