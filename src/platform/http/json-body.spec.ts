import { describe, expect, it } from '@jest/globals';
import { countColons, countKeys } from './json-body.js';

const named = (text: string) => [countColons(text), countKeys(JSON.parse(text))];

describe('keys of a JSON text', () => {
  it.each([
    ['1', 0],
    ['{}', 0],
    ['{"a":1,"b":{"c":[{"d":null},{"e":":"}]}}', 5],
    ['{"a\\":":"\\\\","b":"\\\\\\":"}', 2],
    ['["a:b",{"":":"}]', 1],
  ])('%s names %d', (text, keys) => {
    expect(named(text)).toEqual([keys, keys]);
  });

  it.each(['{"a":1,"a":1}', '[{"x":{"a":1,"b":2,"\\u0061":3}}]'])('%s names one twice', (text) => {
    const [inText, inValue] = named(text);
    expect(inText).toBe((inValue ?? 0) + 1);
  });

  it('are counted however deep they stand', () => {
    const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
    expect(named(deep)).toEqual([5000, 5000]);
  });
});
