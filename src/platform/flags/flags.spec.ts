import { describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { defineFlag } from './define-flag.js';
import { flagsConfig } from './flags.config.js';
import { Flags } from './flags.js';

const on = defineFlag('sample.on', { description: 'On by default.', default: true });
const off = defineFlag('sample.off', { description: 'Off by default.', default: false });
const settings = (input: object) => flagsConfig.schema.parse(input);
const flags = (input: object = {}) => new Flags(settings(input));
const ada = { tenantId: 'default', userId: 'ada' };

describe('Flags', () => {
  it('are what the code declares where the configuration says nothing', () => {
    expect([flags().isOn(on, ada), flags().isOn(off, ada)]).toEqual([true, false]);
    expect(flags({ 'sample.on': { percentage: 0 } }).isOn(on, ada)).toBe(false);
    expect(flags({ 'sample.off': { percentage: 100 } }).isOn(off, ada)).toBe(false);
  });

  it('are on for the named tenants only', () => {
    const some = flags({ 'sample.off': { enabled: true, tenants: ['acme'] } });
    expect(some.isOn(off, { tenantId: 'acme' })).toBe(true);
    expect(some.isOn(off, { tenantId: 'acme', userId: 'bob' })).toBe(true);
    expect(some.isOn(off, ada)).toBe(false);
  });

  it('keep who is in while the percentage grows, and hold it', () => {
    const users = Array.from({ length: 20_000 }, () => ({ ...ada, userId: uuidv7() }));
    const chosen = (percentage: number) => {
      const some = flags({ 'sample.on': { percentage } });
      return new Set(users.filter((user) => some.isOn(on, user)));
    };
    let before = chosen(0);
    expect(before.size).toBe(0);
    for (const percentage of [1, 10, 50, 90, 100]) {
      const now = chosen(percentage);
      expect([...before].filter((user) => !now.has(user))).toEqual([]);
      expect(Math.abs((now.size / users.length) * 100 - percentage)).toBeLessThan(2);
      before = now;
    }
    expect(before.size).toBe(users.length);
  });

  it('choose whole tenants where there is no user', () => {
    const half = flags({ 'sample.on': { percentage: 50 } });
    const tenants = Array.from({ length: 200 }, (_, index) => ({ tenantId: `tenant-${index}` }));
    const chosen = tenants.filter((tenant) => half.isOn(on, tenant)).length;
    expect(chosen).toBeGreaterThan(60);
    expect(chosen).toBeLessThan(140);
  });

  it('tell what a change of the settings changed', () => {
    const some = flags();
    const before = { enabled: false, tenants: [], percentage: 100 };
    expect(some.apply(settings({ 'sample.off': { enabled: true } }))).toEqual({
      'sample.off': { from: before, to: { ...before, enabled: true } },
    });
    expect(some.isOn(off, ada)).toBe(true);
    expect(some.apply(settings({ 'sample.off': { enabled: true } }))).toEqual({});
    expect(some.states().map(({ name, enabled }) => [name, enabled])).toEqual([
      ['sample.off', true],
      ['sample.on', true],
    ]);
  });
});

describe('defineFlag', () => {
  it.each(['sample.on', 'Sample.on', 'reload', 'sample..on', 'sample.on off'])(
    'refuses "%s"',
    (name) => {
      expect(() => defineFlag(name, { description: '', default: true })).toThrow();
    },
  );
});
