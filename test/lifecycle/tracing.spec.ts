import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, eventually } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { runApp, type AppProcess } from '../support/process.js';

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
}

describe('tracing', () => {
  const spans: Span[] = [];
  let receiver: Server;
  let database: TestDatabase;
  let folder: string;
  let app: AppProcess;
  let client: Client;

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        for (const resource of JSON.parse(body).resourceSpans ?? []) {
          for (const scope of resource.scopeSpans) spans.push(...scope.spans);
        }
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => receiver.once('listening', resolve));
    database = await createDatabase();
    folder = mkdtempSync(join(tmpdir(), 'mainstay-trace-'));
    app = runApp('main.js', {
      DATABASE_URL: database.url,
      MAINSTAY_DATA_DIR: folder,
      PORT: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      MAINSTAY__TRACING__SAMPLE_RATIO: '0',
    });
    client = new Client(String((await app.log((record) => record.event === 'started'))['url']));
  });
  afterAll(async () => {
    expect(await app.stop()).toBe(0);
    receiver.closeAllConnections();
    receiver.close();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  it('records a request whose caller samples it, with its statements below, and nothing else', async () => {
    const ada = await client.account('ada');
    const traceId = randomBytes(16).toString('hex');
    const caller = randomBytes(8).toString('hex');
    const post = await client.post('/api/v1/posts', { body: 'Traced.' }, ada.token, {
      traceparent: `00-${traceId}-${caller}-01`,
    });
    expect(post.status).toBe(201);
    await eventually(() =>
      Promise.resolve(expect(spans.map((span) => span.name)).toContain('POST /api/v1/posts')),
    );
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
    const entry = spans.find((span) => span.name === 'POST /api/v1/posts');
    expect(entry?.parentSpanId).toBe(caller);
    const insert = spans.find((span) => span.name === 'db posts.insert');
    expect(insert?.parentSpanId).toBe(entry?.spanId);
    const logged = app.logs.find((record) => record['trace_id'] === traceId);
    expect(logged).toMatchObject({ endpoint: '/api/v1/posts', span_id: entry?.spanId });
  });

  it('keeps a request that is not sampled out of the exporter, and its trace id in the log', async () => {
    const traceId = randomBytes(16).toString('hex');
    await client.get('/api/v1/posts', undefined, {
      traceparent: `00-${traceId}-${'1'.repeat(16)}-00`,
    });
    await app.log((record) => record['trace_id'] === traceId);
    expect(spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });
});
