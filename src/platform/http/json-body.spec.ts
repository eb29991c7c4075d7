import { describe, expect, it } from '@jest/globals';
import { countColons, countKeys, unstorableAt } from './json-body.js';

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

describe('texts of a JSON value', () => {
  it.each(['"a\\\\u0000"', '{"é":["\\ud83d\\ude00"]}', '[1,null,true]'])(
    '%s can be stored',
    (json) => {
      expect(unstorableAt(JSON.parse(json))).toBeUndefined();
    },
  );

  it.each([
    ['"a\\u0000"', ''],
    ['{"a":[{"b":"\\ud800"}]}', 'a.0.b'],
    ['{"x":{"\\udc00":1}}', 'x'],
  ])('%s cannot, at "%s"', (json, path) => {
    expect(unstorableAt(JSON.parse(json))).toBe(path);
  });
});
