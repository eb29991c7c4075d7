import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { Client, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';
import { startOtlpReceiver, type OtlpReceiver, type Span } from '../support/otlp-receiver.js';

const KIND = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };
const isSplit = globalThis.topology === 'split';

describe('one trace', () => {
  let receiver: OtlpReceiver;
  let deployment: Deployment;
  let client: Client;
  let ada: Account;
  let ben: Account;

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    deployment = await deploy({
      ...receiver.env,
      REDIS_URL: process.env['TEST_REDIS_URL'] ?? '',
      MAINSTAY__LIMITS__ENABLED: 'true',
      MAINSTAY__LIMITS__AUTH__LIMIT: '100',
    });
    client = new Client(deployment.url);
    [ada, ben] = await Promise.all([client.account('ada'), client.account('ben')]);
    await client.follow(ben, ada);
  });
  afterAll(async () => {
    await deployment.stop();
    receiver.stop();
  });

  const sampled = () => {
    const traceId = randomBytes(16).toString('hex');
    const caller = randomBytes(8).toString('hex');
    return { traceId, caller, headers: { traceparent: `00-${traceId}-${caller}-01` } };
  };
  const one = (spans: Span[], name: string): Span => {
    const found = spans.find((span) => span.name === name);
    if (!found) throw new Error(`no span ${name} among ${spans.map((span) => span.name).join()}`);
    return found;
  };

  it('leads from the request over its handler, statements and Redis to the frame on the socket', async () => {
    const socket = await SocketClient.open(client.url, ben.token);
    await socket.subscribe('feed');
    const { traceId, caller, headers } = sampled();
    const secret = 'nobody reads this in a trace';
    const answer = await client.call('POST', '/api/v1/posts', {
      token: ada.token,
      body: { body: secret },
      headers,
    });
    expect(answer.status).toBe(201);
    const spans = await receiver.trace(
      traceId,
      ...['POST /api/v1/posts', 'redis limits', 'db posts.insert', 'ws send post.created'],
      // One of who calls, and one of who answers; each process sends its spans when it is ready to.
      ...[
        'consume posts.count-authors',
        ...(isSplit ? ['rpc auth.setCounts', 'rpc auth.setCounts'] : []),
      ],
    );
    const entry = one(spans, 'POST /api/v1/posts');
    expect(entry).toMatchObject({ parentSpanId: caller, kind: KIND.server });
    const handler = one(spans, 'PostsController.create');
    expect(handler).toMatchObject({ parentSpanId: entry.spanId, kind: KIND.internal });
    expect(one(spans, 'redis limits').parentSpanId).toBe(entry.spanId);
    const insert = one(spans, 'db posts.insert');
    expect(insert).toMatchObject({ parentSpanId: handler.spanId, kind: KIND.client });
    expect(one(spans, 'ws send post.created').kind).toBe(KIND.producer);
    expect(one(spans, 'consume posts.count-authors').kind).toBe(KIND.consumer);
    // Everything hangs together: each span stands below another one of the trace, or below the caller.
    const known = new Set([caller, ...spans.map(({ spanId }) => spanId)]);
    expect(spans.filter(({ parentSpanId }) => !known.has(parentSpanId ?? ''))).toEqual([]);
    const text = JSON.stringify(spans);
    for (const value of [secret, ada.username, ada.email, ada.id])
      expect(text).not.toContain(value);
    if (isSplit) {
      const [call, answered] = [KIND.client, KIND.server].map((kind) =>
        spans.find((span) => span.name === 'rpc auth.setCounts' && span.kind === kind),
      );
      expect(call?.service).toBe('mainstay-worker');
      expect(answered).toMatchObject({ service: 'mainstay-auth', parentSpanId: call?.spanId });
      expect(one(spans, 'ws send post.created').service).toBe('mainstay-realtime');
    }
    socket.close();
  });

  it('goes on through the events that an event causes', async () => {
    const socket = await SocketClient.open(client.url, ben.token);
    await socket.subscribe('notifications');
    const { traceId, headers } = sampled();
    const path = `/api/v1/posts/authors/${ben.username}/follow`;
    expect((await client.call('PUT', path, { token: ada.token, headers })).status).toBe(204);
    await receiver.trace(
      traceId,
      ...['consume realtime.notifications', 'ws send notification.created'],
    );
    socket.close();
  });

  it('goes on through the jobs of a request', async () => {
    const { traceId, headers } = sampled();
    const name = `cleo_${traceId.slice(0, 8)}`;
    const body = {
      username: name,
      email: ada.email, // its owner is told of it by mail
      password: 'long enough for this',
    };
    const answer = await client.call('POST', '/api/v1/auth/register', { body, headers });
    expect(answer.status).toBe(202);
    const spans = await receiver.trace(traceId, 'POST /api/v1/auth/register', 'job auth.mail');
    expect(one(spans, 'job auth.mail').kind).toBe(KIND.consumer);
    if (isSplit) expect(one(spans, 'job auth.mail').service).toBe('mainstay-worker');
  });

  it('is found by the id in a problem answer and in every log record', async () => {
    const { traceId, headers } = sampled();
    const path = '/api/v1/posts/authors/nobody_at_all/follow';
    const problem = await client.call('PUT', path, { token: ada.token, headers });
    expect([problem.status, problem.body.traceId]).toEqual([404, traceId]);
    const record = await deployment.app.log(({ trace_id }) => trace_id === traceId);
    const entry = 'PUT /api/v1/posts/authors/:username/follow';
    const spans = await receiver.trace(traceId, entry, 'db accounts.findByUsername');
    expect(record).toMatchObject({
      span_id: one(spans, entry).spanId,
      request_id: problem.body.requestId,
      status: 404,
    });
    expect(new Set(spans.map(({ service }) => service))).toEqual(
      new Set(isSplit ? ['mainstay-posts', 'mainstay-auth'] : ['mainstay']),
    );
  });

  it('stays the caller’s affair where the caller does not sample', async () => {
    const traceId = randomBytes(16).toString('hex');
    await client.get('/api/v1/posts', undefined, {
      traceparent: `00-${traceId}-${'1'.repeat(16)}-00`,
    });
    await deployment.app.log((record) => record['trace_id'] === traceId);
    const { traceId: later, headers } = sampled();
    await client.get('/api/v1/posts', undefined, headers);
    await receiver.trace(later, 'GET /api/v1/posts');
    expect(receiver.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });
});
