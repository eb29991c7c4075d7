import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { eventually } from '../support/client.js';
import { createInstances, type Instances } from '../support/instances.js';
import { otlpTo, startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.js';
import { freePort, preload, root } from '../support/process.js';

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
      MAINSTAY__DATABASE__STATEMENT_TIMEOUT_SECONDS: '2',
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

  it('follows the frames of a socket from the upgrade on', async () => {
    const { app, client } = await instances.start({
      ...receiver.env,
      MAINSTAY__TRACING__SAMPLE_RATIO: '1',
    });
    const ada = await client.account('ada');
    const traceId = randomBytes(16).toString('hex');
    const socket = new WebSocket(`${client.url.replace('http', 'ws')}/ws`, {
      headers: { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` },
    });
    await once(socket, 'message'); // hello
    socket.send(JSON.stringify({ op: 'auth', token: ada.token }));
    await once(socket, 'message'); // ready
    socket.send(JSON.stringify({ op: 'subscribe', topic: 'feed' }));
    await once(socket, 'message'); // subscribed
    socket.close();
    const [upgrade] = await receiver.trace(traceId, 'ws upgrade');
    expect(upgrade).toMatchObject({ parentSpanId: '1'.repeat(16), kind: 2 });
    await eventually(() => {
      const names = receiver.spans.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['ws auth', 'ws subscribe']));
      return Promise.resolve();
    });
    expect(await app.stop()).toBe(0);
  });

  it('goes on in calls to the outside, and keeps what follows a path to itself', async () => {
    const asked: IncomingMessage[] = [];
    const outside = createHttpServer((request, response) => {
      asked.push(request);
      response.end();
    }).listen(0, '127.0.0.1');
    await once(outside, 'listening');
    const { port } = outside.address() as AddressInfo;
    const secret = 'S3cr3t0fAClient';
    const script = join(root, 'test/support/fetch-in-trace.ts');
    const child = spawn(
      process.execPath,
      [...['--import', preload, script], `http://127.0.0.1:${port}/token?client_secret=${secret}`],
      { env: { ...process.env, ...receiver.env }, stdio: ['ignore', 'ignore', 'inherit'] },
    );
    expect(await once(child, 'exit')).toEqual([0, null]);
    outside.close();
    const [, traceId = '', spanId] = String(asked[0]?.headers['traceparent']).split('-');
    const spans = await receiver.trace(traceId, 'test', 'GET');
    const call = spans.find(({ name }) => name === 'GET');
    expect(call?.spanId).toBe(spanId);
    expect(call?.attributes).toContainEqual({
      key: 'url.full',
      value: { stringValue: `http://127.0.0.1:${port}/token` },
    });
    expect(JSON.stringify(spans)).not.toContain(secret);
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
        // The last of so many may wait for long on a busy machine, which is none of the receiver's doing.
        MAINSTAY__DATABASE__POOL__CONNECT_TIMEOUT_SECONDS: '60',
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
