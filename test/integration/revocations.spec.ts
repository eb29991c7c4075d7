import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgRevocationsRepository } from '../../src/modules/auth/sessions/revocations.repository.js';
import { eventually } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { openOn } from './support.js';

describe('the feed of revocations', () => {
  let test: TestDatabase;
  let feed: PgRevocationsRepository;
  beforeAll(async () => {
    test = await createDatabase();
    feed = new PgRevocationsRepository(await openOn(test));
  });
  afterAll(() => test.drop());

  const insert = `INSERT INTO auth.revocations (kind, subject, expires_at)
    VALUES ('session', $1, now() + interval '1 hour')`;
  const subjects = async (cursor: string) => {
    const page = await feed.after(cursor);
    return { cursor: page.cursor, subjects: page.items.map(({ subject }) => subject) };
  };

  it('misses nothing of a transaction that was open while it was read, though later ones were over', async () => {
    const [slow, quick] = [randomUUID(), randomUUID()];
    const open = await test.pool.connect();
    await open.query('BEGIN');
    await open.query(insert, [slow]);
    await test.pool.query(insert, [quick]);
    const first = await subjects('0');
    expect(first.subjects).toEqual([quick]);
    await open.query('COMMIT');
    open.release();
    expect((await subjects(first.cursor)).subjects).toContain(slow);
  });

  it('ends: what was read is not read for ever, nor what no token can need any more', async () => {
    const [known, over] = [randomUUID(), randomUUID()];
    await test.pool.query(insert, [known]);
    await test.pool.query(insert.replace("+ interval '1 hour'", "- interval '1 second'"), [over]);
    const first = await subjects('0');
    expect(first.subjects).toContain(known);
    expect(first.subjects).not.toContain(over);
    // Some come twice while any transaction of the whole server is open.
    let { cursor } = first;
    await eventually(async () => {
      const next = await subjects(cursor);
      ({ cursor } = next);
      expect(next.subjects).toEqual([]);
    });
  });

  it('forgets by the hour what no token can need any more, and nothing else', async () => {
    const [needed, over] = [randomUUID(), randomUUID()];
    await test.pool.query(insert, [needed]);
    await test.pool.query(insert.replace("+ interval '1 hour'", "- interval '1 second'"), [over]);
    await feed.prune();
    const { rows } = await test.pool.query<{ subject: string }>(
      'SELECT subject FROM auth.revocations WHERE subject = ANY ($1)',
      [[needed, over]],
    );
    expect(rows).toEqual([{ subject: needed }]);
  });
});
