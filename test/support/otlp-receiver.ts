import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from '@jest/globals';
import { eventually } from './client.js';

/** A span as it came over the wire, with the service that sent it. */
export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  status: { code?: number };
  attributes: { key: string; value: Record<string, unknown> }[];
  service: string;
}

interface Export {
  resourceSpans?: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: { spans: Omit<Span, 'service'>[] }[];
  }[];
}

/** A collector: what it was sent over OTLP/HTTP, and the settings with which the application sends it there. */
export interface OtlpReceiver {
  readonly spans: Span[];
  readonly env: Record<string, string>;
  /** The spans of a trace, once there is one for each name; a name that comes twice asks for two. */
  trace(traceId: string, ...names: string[]): Promise<Span[]>;
  stop(): void;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      take(JSON.parse(body) as Export, spans);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    spans,
    env: otlpTo((server.address() as AddressInfo).port),
    trace: async (traceId, ...names) => {
      const ofTrace = () => spans.filter((span) => span.traceId === traceId);
      await eventually(() => {
        const seen = ofTrace().map(({ name }) => name);
        const missing = names.filter((name) => count(seen, name) < count(names, name));
        expect({ missing, seen }).toMatchObject({ missing: [] });
        return Promise.resolve();
      });
      return ofTrace();
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const count = (names: readonly string[], wanted: string): number =>
  names.filter((name) => name === wanted).length;

/** The settings of an application that exports to a local port and samples nothing by itself. */
export function otlpTo(port: number): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    MAINSTAY__TRACING__SAMPLE_RATIO: '0',
  };
}

function take({ resourceSpans = [] }: Export, spans: Span[]): void {
  for (const { resource, scopeSpans } of resourceSpans) {
    const named = resource.attributes.find(({ key }) => key === 'service.name');
    const service = named?.value.stringValue ?? '';
    for (const scope of scopeSpans)
      spans.push(...scope.spans.map((span) => ({ ...span, service })));
  }
}
