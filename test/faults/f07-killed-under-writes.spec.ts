import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { eventually, type Account } from '../support/client.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instances } from '../support/instances.js';

describe('an instance', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());

  degrades(
    {
      id: 'F7',
      dependency: 'An instance',
      fault: 'killed under writes (`kill -9`, out of memory)',
      works: 'the other instances; repeated with its `Idempotency-Key`, a write takes place once',
      lost: 'requests under way; no acknowledged write, and no event of one',
      seen: 'its probes do not answer',
    },
    async () => {
      const first = await instances.start();
      const accounts: Account[] = await Promise.all(
        Array.from({ length: 4 }, () => first.client.account('writer')),
      );
      const acknowledged: string[] = [];
      const unanswered: { key: string; account: Account; body: string }[] = [];
      let killed = false;
      const writers = accounts.map(async (account, index) => {
        for (let n = 0; !killed; n++) {
          const key = `key-${index}-${n}`;
          const body = `Post ${n}.`;
          try {
            const answer = await first.client.post('/api/v1/posts', { body }, account.token, {
              'idempotency-key': key,
            });
            if (answer.status === 201) acknowledged.push(answer.body.id);
          } catch {
            unanswered.push({ key, account, body }); // cut off: nobody knows yet whether it was written
          }
        }
      });
      await eventually(() => Promise.resolve(expect(acknowledged.length).toBeGreaterThan(100)));
      await first.app.stop('SIGKILL');
      killed = true;
      await Promise.all(writers);

      const second = await instances.start();
      for (const { key, account, body } of unanswered) {
        const retry = await second.client.post('/api/v1/posts', { body }, account.token, {
          'idempotency-key': key,
        });
        expect(retry.status).toBe(201);
        acknowledged.push(retry.body.id);
      }
      const ids = async (sql: string) =>
        (await instances.database.pool.query(sql)).rows.map((row) => String(row.id)).sort();
      const authors = accounts.map((account) => `'${account.id}'`).join();
      expect(await ids(`SELECT id FROM posts.posts WHERE author_id IN (${authors})`)).toEqual(
        [...acknowledged].sort(),
      );
      // Every post has its event, exactly one.
      await eventually(async () => {
        expect(
          await ids(
            `SELECT data->>'id' AS id FROM platform.event_log WHERE data->'author'->>'id' IN (${authors})`,
          ),
        ).toEqual([...acknowledged].sort());
      });
      expect(await second.app.stop()).toBe(0);
    },
  );
});
