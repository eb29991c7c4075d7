import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { eventually } from '../support/client.js';
import { Control } from '../support/control.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instances } from '../support/instances.js';
import { metric } from '../support/metrics.js';

const CONNECTIONS = 4;
const ANSWERED_WITHIN_MS = 3000;
const RECOVERED_WITHIN_MS = 2000;

describe('the pool of connections', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());

  const held = async () => {
    const { rows } = await instances.database.pool.query(
      `SELECT count(*)::int AS connections, (count(*) FILTER (WHERE state <> 'idle'))::int AS busy,
         (count(*) FILTER (WHERE wait_event_type = 'Lock'))::int AS blocked
       FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'mainstay'`,
    );
    return rows[0] as { connections: number; busy: number; blocked: number };
  };

  /** No consumer has work that would hold a connection. */
  const consumersAreDone = () =>
    eventually(async () => {
      const { rows } = await instances.database.pool.query(
        `SELECT (SELECT count(*)::int FROM platform.outbox) AS unsent,
           (SELECT count(*)::int FROM platform.consumers
            WHERE position < (SELECT max(position) FROM platform.event_log)) AS behind`,
      );
      expect(rows).toEqual([{ unsent: 0, behind: 0 }]);
    });

  degrades(
    {
      id: 'F5',
      dependency: 'PostgreSQL',
      fault: 'every connection of the pool is in use',
      works: 'everything again within 2 s of the first connection that is free',
      lost: 'requests that find none: 503 with `Retry-After` within 3 s',
      seen: '`db_pool_connections{state="waiting"}`, `db_pool_wait_seconds`',
    },
    async () => {
      const { app, client } = await instances.start({
        MAINSTAY__DATABASE__POOL__BUDGET: String(CONNECTIONS + 2),
      });
      const ada = await client.account('ada');
      let n = 0;
      const write = async () => {
        const startedAt = Date.now();
        const answer = await client.post('/api/v1/posts', { body: 'Who waits?' }, ada.token, {
          'idempotency-key': `pool-${n++}`,
        });
        return { ...answer, startedAt, endedAt: Date.now() };
      };
      const read = async () => {
        const startedAt = Date.now();
        const answer = await client.get('/api/v1/posts/feed', ada.token);
        return { ...answer, startedAt, endedAt: Date.now() };
      };
      expect([(await write()).status, (await read()).status]).toEqual([201, 200]);

      await consumersAreDone();
      const control = new Control();
      const locker = await instances.database.pool.connect();
      await locker.query('BEGIN');
      await locker.query('LOCK TABLE posts.posts');
      const holders = Array.from({ length: CONNECTIONS }, write);
      // Blocked, not only busy: a connection that a job uses for a moment is free again in the next.
      await eventually(async () => expect((await held()).blocked).toBe(CONNECTIONS));
      const further = await Promise.all(
        Array.from({ length: 20 }, (_, request) => (request % 2 === 0 ? write() : read())),
      );
      for (const answer of further) {
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([
          503,
          expect.stringMatching(/^\d+$/),
        ]);
      }
      expect((await client.get('/healthz')).status).toBe(200);

      await locker.query('ROLLBACK');
      locker.release();
      const released = Date.now();
      await eventually(async () => {
        expect([(await write()).status, (await read()).status]).toEqual([201, 200]);
      });
      const recovered = Date.now();
      await control.stop();
      expect(recovered - released).toBeLessThan(
        RECOVERED_WITHIN_MS + control.worst(released, recovered),
      );
      for (const { startedAt, endedAt } of further)
        expect(endedAt - startedAt).toBeLessThan(
          ANSWERED_WITHIN_MS + 250 + control.worst(startedAt, endedAt),
        );
      // Who held a connection when the lock went got what it came for.
      expect((await Promise.all(holders)).map(({ status }) => status)).toEqual(
        Array.from({ length: CONNECTIONS }, () => 201),
      );
      await eventually(async () => {
        expect(await held()).toMatchObject({ busy: 0 });
        for (const state of ['active', 'waiting'])
          expect(await metric(client, 'db_pool_connections', { state })).toBe(0);
      });
      expect((await held()).connections).toBeLessThanOrEqual(CONNECTIONS);
      expect(await metric(client, 'db_pool_connections', { state: 'max' })).toBe(CONNECTIONS);
      expect(await app.stop()).toBe(0);
    },
  );
});
