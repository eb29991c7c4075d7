/**
 * Loaded with `--import` before the application, because instrumentation must see modules before
 * they are loaded. Does nothing, and loads nothing, unless an OTLP endpoint is configured.
 */
import { basename } from 'node:path';
import type { Span } from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace';
import { commit, version } from '../config/version.js';
import { presetIds } from './preset-ids.js';
import { SpanContextManager } from './span-context-manager.js';
import { enableTracing, ENTRY_ATTRIBUTE } from './tracing.js';

/** What is still to be sent has this long; a receiver that hangs must not hold up the end. */
const FLUSH_MS = 3000;

/** Flushes and stops the exporter; set only when tracing is on. */
export let stopTracing: () => Promise<void> = () => Promise.resolve();

/** What follows the path of an address may be a token, a code or somebody's e-mail address. */
const withoutQuery = (span: Span): void => {
  const { attributes } = span as Span & { attributes?: Record<string, unknown> };
  for (const name of ['url.full', 'http.url']) {
    const url = attributes?.[name];
    if (typeof url === 'string') span.setAttribute(name, url.replace(/[?#].*$/s, ''));
  }
  if (attributes?.['url.query'] !== undefined) span.setAttribute('url.query', '[redacted]');
};

const { env } = process;
const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'];

if (endpoint && env['OTEL_SDK_DISABLED'] !== 'true') {
  // Metrics are scraped and logs are shipped; spans that cannot be sent are dropped, not kept for long.
  env['OTEL_METRICS_EXPORTER'] ??= 'none';
  env['OTEL_LOGS_EXPORTER'] ??= 'none';
  env['OTEL_EXPORTER_OTLP_TIMEOUT'] ??= '5000';
  // What the application does has spans by hand, decided before they are made. The stock ones serve calls
  // that libraries make to the outside, and only inside a recorded trace.
  env['OTEL_NODE_ENABLED_INSTRUMENTATIONS'] ??= 'http,undici';
  const role = basename(process.argv[1] ?? 'main', '.js').replace('main', 'all');
  env['OTEL_SERVICE_NAME'] ??= role === 'all' ? 'mainstay' : `mainstay-${role}`;
  env['OTEL_RESOURCE_ATTRIBUTES'] = [
    `service.namespace=mainstay,service.version=${version}`,
    `mainstay.commit=${commit},mainstay.role=${role}`,
    ...(env['OTEL_RESOURCE_ATTRIBUTES'] ? [env['OTEL_RESOURCE_ATTRIBUTES']] : []),
  ].join(',');
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const { ParentBasedSampler, SamplingDecision } = await import('@opentelemetry/sdk-trace');
  const { getNodeAutoInstrumentations } = await import('@opentelemetry/auto-instrumentations-node');

  /** Records what the application decided to record (`tracing.ts`), and children of recorded spans. */
  const entryOnly: Sampler = {
    shouldSample: (_context, _traceId, _name, _kind, attributes) => ({
      decision: attributes[ENTRY_ATTRIBUTE]
        ? SamplingDecision.RECORD_AND_SAMPLED
        : SamplingDecision.NOT_RECORD,
    }),
    toString: () => 'EntryOnly',
  };
  const sdk = new NodeSDK({
    sampler: new ParentBasedSampler({ root: entryOnly }),
    idGenerator: presetIds,
    contextManager: new SpanContextManager(),
    instrumentations: [
      getNodeAutoInstrumentations({
        '@opentelemetry/instrumentation-http': {
          disableIncomingRequestInstrumentation: true,
          requireParentforOutgoingSpans: true,
          applyCustomAttributesOnSpan: withoutQuery,
        },
        '@opentelemetry/instrumentation-undici': {
          requireParentforSpans: true,
          requestHook: withoutQuery,
        },
      }),
    ],
  });
  sdk.start();
  enableTracing();
  stopTracing = () =>
    Promise.race([
      sdk.shutdown().catch(() => undefined),
      new Promise<void>((resolve) => setTimeout(resolve, FLUSH_MS)),
    ]);
}
