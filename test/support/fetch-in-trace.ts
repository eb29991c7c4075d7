/** Calls an address as a library within the application would, in a recorded trace, and ends. */
import { join, resolve } from 'node:path';
import { SpanKind } from '@opentelemetry/api';

const dist = resolve(import.meta.dirname, '../../dist/platform/tracing');
const load = async <T>(file: string): Promise<T> => (await import(join(dist, file))) as T;

const { configureTracing } =
  await load<typeof import('../../src/platform/tracing/tracing.js')>('tracing.js');
const { runEntry } =
  await load<typeof import('../../src/platform/tracing/run-entry.js')>('run-entry.js');
const { stopTracing } =
  await load<typeof import('../../src/platform/tracing/tracing-preload.js')>('tracing-preload.js');

configureTracing({ sampleRatio: 1, slowMs: 1000, maxKeptPerSecond: 1 });
await runEntry({ name: 'test', kind: SpanKind.INTERNAL, requestId: 'test' }, async () => {
  await (await fetch(String(process.argv[2]))).text();
});
await stopTracing();
