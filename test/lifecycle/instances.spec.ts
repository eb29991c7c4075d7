import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { createInstances, type Instances } from '../support/instances.js';

describe('two instances on one database', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());

  it('resume at the one that is behind misses nothing and repeats nothing', async () => {
    const [one, two] = await Promise.all([instances.start(), instances.start()]);
    const ada = await one.client.account('ada');
    const socket = await SocketClient.open(one.client.url, ada.token);
    await socket.subscribe('feed');
    for (let round = 0; round < 5; round++) {
      // Nobody tells the second instance of what follows; it would look by itself within a second.
      await instances.database.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'mainstay bus' AND datname = current_database()`,
      );
      const seen = await one.client.write(ada, 'Seen at the first.');
      expect((await socket.event('post.created')).data.id).toBe(seen.id);
      const back = await SocketClient.open(two.client.url, ada.token);
      expect(await back.resume(socket.epoch, socket.offset, ['feed'])).toBe(true);
      const next = await two.client.write(ada, 'Written at the second.');
      expect((await back.event('post.created')).data.id).toBe(next.id);
      expect((await socket.event('post.created')).data.id).toBe(next.id);
      expect(back.events).toHaveLength(1);
      back.close();
    }
    socket.close();
    expect(await Promise.all([one.app.stop(), two.app.stop()])).toEqual([0, 0]);
  });
});
