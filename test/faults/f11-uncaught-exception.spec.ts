import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { eventually } from '../support/client.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instances } from '../support/instances.js';
import { root } from '../support/process.js';

describe('an uncaught exception', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());

  degrades(
    {
      id: 'F11',
      dependency: 'An instance',
      fault: 'an exception that nobody catches',
      works:
        'requests under way are completed; the process ends in order with 1 and is started anew',
      lost: 'nothing with other instances beside it',
      seen: 'log event `uncaught_exception` (fatal)',
    },
    async () => {
      const { app, client } = await instances.start({
        NODE_OPTIONS: `--import=${join(root, 'test/support/throw-on-signal.ts')}`,
      });
      const ada = await client.account('ada');
      const { pool } = instances.database;
      const locker = await pool.connect();
      await locker.query('BEGIN');
      await locker.query('LOCK TABLE posts.posts');
      const underway = Array.from({ length: 3 }, (_, n) =>
        client.post('/api/v1/posts', { body: `Under way ${n}.` }, ada.token, {
          'idempotency-key': `underway-${n}`,
        }),
      );
      await eventually(async () => {
        const { rows } = await pool.query(
          `SELECT count(*)::int AS n FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        expect(rows).toEqual([{ n: 3 }]);
      });
      const ended = app.stop('SIGUSR2');
      const record = await app.log(({ event }) => event === 'uncaught_exception');
      expect(record.level).toBe('fatal');
      expect(JSON.stringify(record)).toContain('a bug that nobody catches');
      await locker.query('ROLLBACK');
      locker.release();
      expect((await Promise.all(underway)).map(({ status }) => status)).toEqual([201, 201, 201]);
      expect(await ended).toBe(1);
    },
  );
});
