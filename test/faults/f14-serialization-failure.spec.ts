import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account, Client } from '../support/client.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instance, type Instances } from '../support/instances.js';

const ATTEMPTS = 4;

describe('a transaction that lost against others', () => {
  let instances: Instances;
  let instance: Instance;
  let client: Client;
  let ada: Account;
  beforeAll(async () => {
    instances = await createInstances();
    instance = await instances.start();
    client = instance.client;
    ada = await client.account('ada');
  });
  afterAll(async () => {
    expect(await instance.app.stop()).toBe(0);
    await instances.clean();
  });
  afterEach(async () => {
    await sql(
      'DROP FUNCTION IF EXISTS public.lose CASCADE; DROP SEQUENCE IF EXISTS public.attempts',
    );
  });

  const sql = (text: string) => instances.database.pool.query(text);

  /** From here on the first inserts into the table fail; a sequence counts them over their rollbacks. */
  async function loses(table: string, times: number, sqlState: string): Promise<void> {
    await sql('CREATE SEQUENCE public.attempts');
    await sql(`CREATE FUNCTION public.lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('public.attempts') <= ${times} THEN
        RAISE EXCEPTION 'lost' USING ERRCODE = '${sqlState}';
      END IF;
      RETURN NEW; END $$`);
    await sql(`CREATE TRIGGER lose BEFORE INSERT ON ${table}
      FOR EACH ROW EXECUTE FUNCTION public.lose()`);
  }
  const attempts = async () =>
    Number((await sql('SELECT last_value FROM public.attempts')).rows[0].last_value);
  const posts = async (body: string) =>
    (await instances.database.pool.query('SELECT 1 FROM posts.posts WHERE body = $1', [body]))
      .rowCount;

  const states = { 'serialization failure': '40001', deadlock: '40P01' };
  const keys = {
    'with a key': { 'idempotency-key': 'lost-and-found' },
    'without a key': undefined,
  };
  for (const [name, state] of Object.entries(states)) {
    for (const [how, headers] of Object.entries(keys)) {
      it(`F14 ${name}, ${how}: two lost attempts, and the third is answered 201, once`, async () => {
        const body = `Twice lost: ${name} ${how}.`;
        await loses('posts.posts', 2, state);
        const key = headers && { 'idempotency-key': body };
        const answer = await client.post('/api/v1/posts', { body }, ada.token, key);
        expect([answer.status, await attempts(), await posts(body)]).toEqual([201, 3, 1]);
      });
    }
  }

  it('F14 other transactions are repeated as well: a follow', async () => {
    const author = await client.account('author');
    await loses('posts.follows', 2, '40001');
    expect((await client.follow(ada, author)).status).toBe(204);
    expect(await attempts()).toBe(3);
  });

  degrades(
    {
      id: 'F14',
      dependency: 'PostgreSQL',
      fault: 'serialization failures and deadlocks',
      works: 'everything: a transaction that lost is repeated up to 3 times, with jitter',
      lost: 'requests that lose all 4 times: 503 with `Retry-After`, and nothing is written',
      seen: '`errors_total`, `http_requests_total{status="503"}`',
    },
    async () => {
      for (const state of Object.values(states)) {
        await loses('posts.posts', 100, state);
        const body = `Always lost: ${state}.`;
        const answer = await client.post('/api/v1/posts', { body }, ada.token);
        expect([answer.status, await attempts(), await posts(body)]).toEqual([503, ATTEMPTS, 0]);
        expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
        await sql('DROP FUNCTION public.lose CASCADE; DROP SEQUENCE public.attempts');
      }
    },
  );
});
