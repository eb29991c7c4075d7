import { describe, expect, it } from '@jest/globals';
import { username as schema } from '../accounts/account.schemas.js';
import { suggestDisplayName, suggestUsernames } from './suggest-usernames.js';

describe('suggestUsernames', () => {
  it.each([
    [{ username: 'ada', name: 'Ada Lovelace' }, 'ada'],
    [{ username: undefined, name: 'Ada Lovelace' }, 'Ada_Lovelace'],
    [{ username: 'x', name: 'Ada' }, 'Ada'],
    [{ username: undefined, name: '<b>Ada</b> & Co' }, 'b_Ada_b_Co'],
    [{ username: undefined, name: 'Łukasz Żółć' }, 'Łukasz_Żółć'],
    [{ username: undefined, name: '👩‍🚀' }, 'user'],
    [{ username: undefined, name: undefined }, 'user'],
    [{ username: 'a'.repeat(40), name: undefined }, 'a'.repeat(30)],
    [{ username: '\ud800ada\0', name: undefined }, 'ada'],
  ])('makes of %j first of all %s', (account, first) => {
    const names = suggestUsernames(account);
    expect(names[0]).toBe(first);
    expect(names.length).toBeGreaterThan(4);
    for (const name of names)
      expect(schema.safeParse(name)).toMatchObject({ success: true, data: name });
  });
});

describe('suggestDisplayName', () => {
  it.each([
    [' Ada\u0000 Love\nlace ', 'Ada  Love lace'],
    ['a'.repeat(100), 'a'.repeat(80)],
    [`${'a'.repeat(79)}👩`, 'a'.repeat(79)],
    ['\n', 'fallback'],
    [undefined, 'fallback'],
  ])('makes of %j %s', (name, shown) => {
    expect(suggestDisplayName(name, 'fallback')).toBe(shown);
  });
});
