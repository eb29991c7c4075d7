import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { eventually } from '../support/client.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instances } from '../support/instances.js';
import { startPostgresOnSmallDisk, type SmallDisk } from '../support/postgres-on-small-disk.js';

describe('the disk of PostgreSQL', () => {
  let disk: SmallDisk;
  let instances: Instances;
  beforeAll(async () => {
    disk = await startPostgresOnSmallDisk();
    instances = await createInstances(disk.database);
  });
  // Hooks of their own: each is done, whatever becomes of the others.
  afterAll(() => instances?.clean());
  afterAll(() => disk?.stop());

  degrades(
    {
      id: 'F6',
      dependency: 'PostgreSQL',
      fault: 'its disk is full',
      works: 'reads; writes too, by themselves, when there is room again',
      lost: 'writes: 503 with `Retry-After`',
      seen: '`errors_total{code="dependency_unavailable"}`',
      only: 'linux',
    },
    async () => {
      const { app, client } = await instances.start();
      const ada = await client.account('ada');
      const post = await client.write(ada, 'There is room.');
      const socket = await SocketClient.open(client.url, ada.token);
      await socket.subscribe('feed');
      /** More than fits into what is left of a page, however well it is compressed. */
      const write = () =>
        client.post('/api/v1/posts', { body: randomBytes(6000).toString('base64url') }, ada.token, {
          'idempotency-key': randomBytes(8).toString('hex'),
        });
      expect((await write()).status).toBe(201);
      await socket.event('post.created');

      await disk.fill();
      for (let n = 0; n < 5; n++) {
        const refused = await write();
        expect([refused.status, refused.body.code]).toEqual([503, 'dependency_unavailable']);
        expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
      }
      const paths = [
        'posts/feed',
        `posts/${post.id}`,
        'posts',
        'users/me',
        `users/${ada.username}`,
      ];
      for (const path of paths) {
        expect([path, (await client.get(`/api/v1/${path}`, ada.token)).status]).toEqual([
          path,
          200,
        ]);
      }
      expect((await client.get('/readyz')).status).toBe(200);

      await disk.makeRoom();
      await eventually(async () => expect((await write()).status).toBe(201));
      await socket.event('post.created');
      socket.close();
      expect(await app.stop()).toBe(0);
    },
  );
});
