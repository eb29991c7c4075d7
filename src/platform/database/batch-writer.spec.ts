import { describe, expect, it } from '@jest/globals';
import type { Database } from './database.js';
import type { Tx } from './transaction.js';
import { BatchWriter } from './batch-writer.js';

/** Only passes the work on; real transactions are tested with a real database. */
const database = {
  transaction: <T>(work: (tx: Tx) => Promise<T>) => work({} as Tx),
} as Database;

function writer(maxBatch?: number) {
  const batches: string[][] = [];
  const stored: string[] = [];
  const batch = new BatchWriter<string, string>(
    'test.write',
    database,
    async (_tx, items) => {
      batches.push(items);
      await new Promise((resolve) => setImmediate(resolve));
      if (items.includes('bad') || items.includes('down'))
        throw Object.assign(new Error('bad'), { code: items.includes('down') ? '57P01' : '23505' });
      stored.push(...items);
      return items.map((item) => item.toUpperCase());
    },
    maxBatch,
  );
  return { batch, batches, stored };
}

describe('BatchWriter', () => {
  it('F4 refuses who waits behind a batch that does not end, and goes on with who came later', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const stored: string[][] = [];
    const write = async (_tx: Tx, items: string[]): Promise<string[]> => {
      stored.push(items);
      if (items.includes('held')) await held;
      return items;
    };
    const batch = new BatchWriter<string, string>('test.slow', database, write, 100, 20);
    const first = batch.add('held');
    await new Promise((resolve) => setImmediate(resolve));
    const late = await Promise.allSettled([batch.add('late'), batch.add('later')]);
    const refused = { status: 'rejected', reason: expect.objectContaining({ code: 'overloaded' }) };
    expect(late).toEqual([refused, refused]);
    const next = batch.add('next');
    release();
    expect(await Promise.all([first, next])).toEqual(['held', 'next']);
    expect(stored).toEqual([['held'], ['next']]);
  });

  it('writes what arrives in one turn together, and what arrives during a write after it', async () => {
    const { batch, batches, stored } = writer();
    const first = [batch.add('a'), batch.add('b')];
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([...first, batch.add('c'), batch.add('d')]);
    expect(batches).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(await batch.add('e')).toBe('E');
    expect(stored).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('fails only whose data is bad', async () => {
    const { batch, stored } = writer();
    const results = await Promise.allSettled([batch.add('a'), batch.add('bad'), batch.add('b')]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(stored).toEqual(['a', 'b']);
    await batch.add('c');
    expect(stored).toEqual(['a', 'b', 'c']);
  });

  it('fails all of a batch at once when the database is gone', async () => {
    const { batch, batches } = writer();
    const results = await Promise.allSettled(['a', 'down', 'b'].map((item) => batch.add(item)));
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(batches).toHaveLength(1);
  });

  it('never writes more at once than it may', async () => {
    const { batch, batches } = writer(2);
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((item) => batch.add(item)));
    expect(batches.map((items) => items.length)).toEqual([2, 2, 1]);
  });
});
