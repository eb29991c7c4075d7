import { describe, expect, it } from '@jest/globals';
import { BatchReader } from './batch-reader.js';

function reader(maxBatch?: number) {
  const batches: string[][] = [];
  const batch = new BatchReader<string>(
    'test.read',
    (keys) => {
      batches.push(keys);
      if (keys.includes('broken')) return Promise.reject(new Error('broken'));
      return Promise.resolve(
        new Map(keys.filter((key) => key !== 'missing').map((key) => [key, key.toUpperCase()])),
      );
    },
    maxBatch,
  );
  return { batch, batches };
}

describe('BatchReader', () => {
  it('reads what is asked for in one turn with one query, each key once', async () => {
    const { batch, batches } = reader();
    const values = await Promise.all([
      batch.read('a'),
      batch.read('b'),
      batch.read('a'),
      batch.read('missing'),
    ]);
    expect(values).toEqual(['A', 'B', 'A', undefined]);
    expect(batches).toEqual([['a', 'b', 'missing']]);
    expect(await Promise.all([batch.read('b'), batch.read('c')])).toEqual(['B', 'C']);
    expect(batches).toHaveLength(2);
  });

  it('never asks for more than it may at once', async () => {
    const { batch, batches } = reader(2);
    expect(await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => batch.read(key)))).toEqual([
      'A',
      'B',
      'C',
      'D',
      'E',
    ]);
    expect(batches.map((keys) => keys.length)).toEqual([2, 2, 1]);
  });

  it('fails all who waited for a query that failed, and nobody after', async () => {
    const { batch } = reader();
    const results = await Promise.allSettled([batch.read('a'), batch.read('broken')]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
    expect(await batch.read('a')).toBe('A');
  });
});
