import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  PgRevocationsRepository,
  type RevocationsRepository,
} from '../../src/modules/auth/revocations/revocations.repository.js';
import type { Database } from '../../src/platform/database/database.js';
import { BEGINNING } from '../../src/platform/security/revocations.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { openOn } from './support.js';

describe('the pages of revocations', () => {
  let test: TestDatabase;
  let database: Database;
  let revocations: RevocationsRepository;
  beforeAll(async () => {
    test = await createDatabase();
    database = await openOn(test);
    revocations = new PgRevocationsRepository(database);
  });
  afterAll(() => test.drop());

  const revoke = (...subjects: string[]) =>
    database.transaction((tx) => revocations.insert(tx, 'session', subjects, 900));
  /** What a reader learns, page by page, that has read everything until now. */
  const reader = async () => {
    let { cursor } = await revocations.after(BEGINNING);
    return async () => {
      const page = await revocations.after(cursor);
      cursor = page.cursor;
      return page.items.map(({ subject }) => subject);
    };
  };

  it('tell each line once, also while another transaction stays open', async () => {
    const writer = await test.pool.connect();
    await writer.query('BEGIN');
    await writer.query('SELECT pg_current_xact_id()');
    const read = await reader();
    const [first, second] = [randomUUID(), randomUUID()];
    await revoke(first);
    expect(await read()).toEqual([first]);
    expect(await read()).toEqual([]);
    await revoke(second);
    expect(await read()).toEqual([second]);
    await writer.query('ROLLBACK');
    writer.release();
    expect(await read()).toEqual([]);
  });

  it('tell what was under way at the page before, when it has committed', async () => {
    const writer = await test.pool.connect();
    await writer.query('BEGIN');
    await writer.query(
      `INSERT INTO auth.revocations (kind, subject, expires_at) VALUES ('session', 'late', now() + interval '1 hour')`,
    );
    const read = await reader();
    const soon = randomUUID();
    await revoke(soon);
    expect(await read()).toEqual([soon]);
    await writer.query('COMMIT');
    writer.release();
    expect(await read()).toEqual(['late']);
  });

  it('date a line when it is written, not when its transaction began', async () => {
    const read = await reader();
    const [subject, since] = [randomUUID(), Date.now() / 1000];
    await database.transaction(async (tx) => {
      const { rows } = await test.pool.query('SELECT pg_sleep(0.2)'); // a lock that is waited for
      expect(rows).toHaveLength(1);
      await revocations.insert(tx, 'session', [subject], 900);
    });
    const [line] = (await revocations.after(BEGINNING)).items;
    expect(line?.subject).toBe(subject);
    expect(line?.createdAt).toBeGreaterThan(since + 0.2);
    expect(await read()).toEqual([subject]);
  });

  it('tell and keep nothing that no token can need any more', async () => {
    const [needed, over] = [randomUUID(), randomUUID()];
    await revoke(needed);
    await database.transaction((tx) => revocations.insert(tx, 'session', [over], -1));
    const subjects = (await revocations.after(BEGINNING)).items.map(({ subject }) => subject);
    expect(subjects).toContain(needed);
    expect(subjects).not.toContain(over);
    await revocations.prune(100);
    const { rows } = await test.pool.query<{ subject: string }>(
      'SELECT subject FROM auth.revocations WHERE subject = ANY ($1)',
      [[needed, over]],
    );
    expect(rows).toEqual([{ subject: needed }]);
  });
});
