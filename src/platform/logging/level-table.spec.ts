import { describe, expect, it } from '@jest/globals';
import { LevelTable } from './level-table.js';

describe('the table of levels', () => {
  it('knows the level of a module alone, of all, and of the configuration, in this order', () => {
    const table = new LevelTable('info');
    table.set(undefined, { level: 'warn', until: 200 });
    table.set('http', { level: 'debug', until: 100 });
    expect([table.of('http'), table.of('jobs')]).toEqual(['debug', 'warn']);
    expect(table.expire(99)).toBe(false);
    expect(table.expire(100)).toBe(true);
    expect([table.of('http'), table.of('jobs')]).toEqual(['warn', 'warn']);
    expect(table.expire(200)).toBe(true);
    expect([table.of('http'), table.overrideOf('http')]).toEqual(['info', undefined]);
  });

  it('forgets single modules when all are meant', () => {
    const table = new LevelTable('info');
    table.set('http', { level: 'debug', until: 100 });
    table.set(undefined, { level: 'error', until: 200 });
    expect(table.of('http')).toBe('error');
    expect(table.expire(100)).toBe(false);
  });
});
