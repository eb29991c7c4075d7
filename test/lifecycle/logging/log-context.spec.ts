import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SocketClient } from '../../../scripts/socket-client.ts';
import { createInstances, type Instances } from '../../support/instances.js';
import type { LogRecord } from '../../support/process.js';

const KEY = 'the internal key of these tests only';

let instances: Instances;
beforeAll(async () => {
  instances = await createInstances();
});
afterAll(() => instances.clean());

it('what a socket asks for is logged with its own id, the user, the tenant and the operation', async () => {
  const { app, client } = await instances.start({ INTERNAL_API_KEYS: KEY });
  await client.call('PUT', '/ops/log-level', {
    body: { level: 'debug', module: 'realtime' },
    headers: { 'x-internal-key': KEY },
  });
  const ada = await client.account('ada');
  const socket = await SocketClient.open(client.url, ada.token);
  await socket.subscribe('notifications');
  const ofFrame = (event: string, endpoint: string) => (record: LogRecord) =>
    record.event === event && record['endpoint'] === endpoint;
  const subscribed = await app.log(ofFrame('ws_frame', 'subscribe'));
  expect(subscribed).toMatchObject({
    level: 'debug',
    module: 'realtime',
    user_id: ada.id,
    tenant_id: expect.any(String),
    request_id: expect.stringMatching(/^[\da-f-]{36}-\d+$/),
    trace_id: expect.stringMatching(/^[\da-f]{32}$/),
    duration_ms: expect.any(Number),
  });

  const { pool } = instances.database;
  await pool.query('ALTER TABLE posts.follows RENAME TO follows_away');
  socket.socket.send(JSON.stringify({ op: 'subscribe', id: 7, topic: 'feed' }));
  const failed = await app.log(ofFrame('ws_frame_failed', 'subscribe'));
  await pool.query('ALTER TABLE posts.follows_away RENAME TO follows');
  expect(failed).toMatchObject({ level: 'error', user_id: ada.id, err: { code: '42P01' } });
  const connection = String(subscribed['request_id']).replace(/-\d+$/, '');
  expect(failed['request_id']).not.toBe(subscribed['request_id']);
  expect(String(failed['request_id']).replace(/-\d+$/, '')).toBe(connection);
  socket.close();

  // Who authenticates by a frame is known from this frame on.
  const late = new SocketClient(client.url);
  await new Promise((resolve) => late.socket.once('open', resolve));
  late.socket.send(JSON.stringify({ op: 'auth', token: ada.token }));
  const authenticated = await app.log(ofFrame('ws_frame', 'auth'));
  expect(authenticated['user_id']).toBe(ada.id);
  late.close();
  expect(await app.stop()).toBe(0);
});
