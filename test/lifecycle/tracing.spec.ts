import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInstances, type Instances } from '../support/instances.js';
import { otlpTo, startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import { freePort } from '../support/process.js';

describe('tracing', () => {
  let instances: Instances;
  let receiver: OtlpReceiver;
  beforeAll(async () => {
    [instances, receiver] = await Promise.all([createInstances(), startOtlpReceiver()]);
  });
  afterAll(async () => {
    await instances.clean();
    receiver.stop();
  });

  const unsampled = () => {
    const traceId = randomBytes(16).toString('hex');
    return { traceId, headers: { traceparent: `00-${traceId}-${'1'.repeat(16)}-00` } };
  };

  it('keeps what failed though nobody sampled it, with what it did', async () => {
    const { app, client } = await instances.start({
      ...receiver.env,
      MAINSTAY__DATABASE__STATEMENT_TIMEOUT_SECONDS: '0.5',
    });
    const ada = await client.account('ada');
    const lock = await instances.database.pool.connect();
    await lock.query('BEGIN; LOCK TABLE posts.posts IN ACCESS EXCLUSIVE MODE');
    const { traceId, headers } = unsampled();
    const id = '0190f3a0-0000-7000-8000-00000000abcd';
    const answer = await client.get(`/api/v1/posts/${id}`, ada.token, headers);
    await lock.query('ROLLBACK');
    lock.release();
    expect([answer.status, answer.body.traceId]).toEqual([503, traceId]);
    const spans = await receiver.trace(traceId, 'GET /api/v1/posts/:id', 'db posts.findById');
    const [entry, read] = ['GET /api/v1/posts/:id', 'db posts.findById'].map((name) =>
      spans.find((span) => span.name === name),
    );
    expect(entry).toMatchObject({ status: { code: 2 }, parentSpanId: '1'.repeat(16) });
    expect(entry?.attributes).toContainEqual({
      key: 'mainstay.kept',
      value: { stringValue: 'error' },
    });
    expect(read).toMatchObject({ status: { code: 2 }, parentSpanId: entry?.spanId });
    const record = await app.log(
      ({ trace_id, event }) => trace_id === traceId && event === 'request',
    );
    expect(record['span_id']).toBe(entry?.spanId);
    expect(await app.stop()).toBe(0);
  });

  it('keeps what took long, and shows it in the buckets of its histogram', async () => {
    const { app, client } = await instances.start({
      ...receiver.env,
      MAINSTAY__TRACING__SLOW_MS: '0',
    });
    const { traceId, headers } = unsampled();
    await client.get('/api/v1/posts', undefined, headers);
    const spans = await receiver.trace(traceId, 'GET /api/v1/posts');
    const entry = spans.find(({ name }) => name === 'GET /api/v1/posts');
    expect(entry?.attributes).toContainEqual({
      key: 'mainstay.kept',
      value: { stringValue: 'slow' },
    });
    const accept = 'application/openmetrics-text';
    const { text } = await client.get<string>('/metrics', undefined, { accept });
    expect(text).toMatch(
      new RegExp(`route="/api/v1/posts",.*# \\{trace_id="${traceId}"\\} [0-9.e-]+ [0-9.]+`),
    );
    expect(await app.stop()).toBe(0);
  });

  it.each(['is not there', 'takes everything and answers nothing'])(
    'costs nobody anything when its receiver %s',
    async (how) => {
      const silent = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => silent.once('listening', resolve));
      const port =
        how === 'is not there' ? await freePort() : (silent.address() as AddressInfo).port;
      const { app, client } = await instances.start({
        ...otlpTo(port),
        MAINSTAY__TRACING__SAMPLE_RATIO: '1',
      });
      const answers = await Promise.all(
        Array.from({ length: 300 }, () => client.get('/api/v1/posts')),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(await app.stop()).toBe(0);
      expect(app.logs.filter(({ event }) => event === 'shutdown_timeout')).toEqual([]);
      silent.close();
    },
  );
});
