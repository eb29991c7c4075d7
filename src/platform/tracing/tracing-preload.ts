/**
 * Loaded with `--import` before the application, because instrumentation must see modules before
 * they are loaded. Does nothing, and loads nothing, unless an OTLP endpoint is configured.
 */
import type { Sampler } from '@opentelemetry/sdk-trace';
import { enableTracing, ENTRY_ATTRIBUTE } from './tracing.js';

/** Flushes and stops the exporter; set only when tracing is on. */
export let stopTracing: () => Promise<void> = () => Promise.resolve();

const endpoint =
  process.env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];

if (endpoint && process.env['OTEL_SDK_DISABLED'] !== 'true') {
  const { register } = await import('import-in-the-middle/register-hooks.mjs');
  register({ include: ['ioredis'] });
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const { ParentBasedSampler, SamplingDecision } = await import('@opentelemetry/sdk-trace');
  const { getNodeAutoInstrumentations } = await import('@opentelemetry/auto-instrumentations-node');

  /** Records what `startEntryTrace` decided to record, and children of recorded spans. */
  const entryOnly: Sampler = {
    shouldSample: (_context, _traceId, _name, _kind, attributes) => ({
      decision: attributes[ENTRY_ATTRIBUTE]
        ? SamplingDecision.RECORD_AND_SAMPLED
        : SamplingDecision.NOT_RECORD,
    }),
    toString: () => 'EntryOnly',
  };
  const off = { enabled: false };
  const sdk = new NodeSDK({
    serviceName: process.env['OTEL_SERVICE_NAME'] ?? 'mainstay',
    sampler: new ParentBasedSampler({ root: entryOnly }),
    instrumentations: [
      // The hot path makes its own spans (platform/tracing/tracing.ts); the automatic ones
      // serve outbound calls, and only inside a recorded trace.
      getNodeAutoInstrumentations({
        '@opentelemetry/instrumentation-fs': off,
        '@opentelemetry/instrumentation-dns': off,
        '@opentelemetry/instrumentation-net': off,
        '@opentelemetry/instrumentation-pg': off,
        '@opentelemetry/instrumentation-pino': off,
        '@opentelemetry/instrumentation-nestjs-core': off,
        '@opentelemetry/instrumentation-http': {
          disableIncomingRequestInstrumentation: true,
          requireParentforOutgoingSpans: true,
        },
        '@opentelemetry/instrumentation-undici': { requireParentforSpans: true },
        '@opentelemetry/instrumentation-ioredis': { requireParentSpan: true },
      }),
    ],
  });
  sdk.start();
  enableTracing();
  stopTracing = () => sdk.shutdown();
}
