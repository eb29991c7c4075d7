import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { later } from '../../../test/support/later.js';
import type { Entry } from './entry.js';
import { LruStore } from './lru-store.js';

const entry = (value: string): Entry<string> => ({ value, staleAt: Infinity });

describe('LruStore', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('says how many entries left for want of room, and of nothing else', () => {
    let evicted = 0;
    const store = new LruStore<string>(2, 5000, () => evicted++);
    for (const key of ['a', 'b', 'c']) store.put(key, entry(key));
    store.put('c', entry('again'));
    store.invalidate('b');
    expect([store.peek('a'), store.peek('b'), store.peek('c')?.value]).toEqual([
      undefined,
      undefined,
      'again',
    ]);
    expect(evicted).toBe(1);
  });

  it('keeps nothing longer than it may, whatever is asked', async () => {
    const store = new LruStore<string>(2, 5000, () => undefined);
    await store.set('k', { value: entry('old') }, 60_000);
    expect(store.peek('k')?.value).toBe('old');
    await later(5001);
    expect(store.peek('k')).toBeUndefined();
  });

  it('takes nothing from the other level, and nothing loaded before, once a key was invalidated', async () => {
    const store = new LruStore<string>(2, 5000, () => undefined);
    const before = performance.now();
    store.invalidate('k');
    store.put('k', entry('old'));
    expect(store.peek('k')).toBeUndefined();
    expect(store.isSound('k', before)).toBe(false);
    expect(store.isSound('k', performance.now() + 1)).toBe(true);
    expect(store.isSound('other', before)).toBe(true);
    await store.set('k', { value: entry('new') });
    expect(store.peek('k')?.value).toBe('new');
    expect(store.isSound('k', before)).toBe(false);
  });

  it('leaves no mark where something expired', async () => {
    const store = new LruStore<string>(2, 5000, () => undefined);
    store.put('k', entry('old'));
    await store.delete('k');
    store.put('k', entry('new'));
    expect(store.peek('k')?.value).toBe('new');
  });
});
