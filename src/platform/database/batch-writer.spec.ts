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
