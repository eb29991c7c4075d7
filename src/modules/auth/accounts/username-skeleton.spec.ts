import { describe, expect, it } from '@jest/globals';
import { isReservedUsername } from './reserved-usernames.js';
import { usernameSkeleton } from './username-skeleton.js';

const same = (a: string, b: string): void => {
  expect(usernameSkeleton(a)).toBe(usernameSkeleton(b));
};

describe('usernameSkeleton', () => {
  it('I5 is the same for names that look the same', () => {
    same('paypal', 'рауpаl'); // Cyrillic р, а, у, а
    same('paypal', 'PAYPAL');
    same('paypal', 'ＰａｙＰａｌ'); // full width
    same('paul', 'pauI');
    same('Ian', 'lan');
    same('alice', 'a1ice');
    same('bob', 'b0b');
    same('modern', 'modem');
    same('café', 'cafe\u0301');
    same('ada', 'a\u200dd\u00ada');
    same('straße', 'STRASSE');
    same('Σίσυφος', 'ΣΊΣΥΦΟΣ');
  });

  it('keeps other names apart', () => {
    const names = [
      'ada',
      'adam',
      'bob',
      'eve',
      'мария',
      'jürgen',
      'jurgen',
      'a.da',
      'a-da',
      'a_da',
    ];
    expect(new Set(names.map(usernameSkeleton)).size).toBe(names.length);
  });

  it('keeps apart what differs in a digit, also in hexadecimal', () => {
    const digits = Array.from('0123456789abcdef');
    const pairs = digits.flatMap((a) => digits.map((b) => a + b));
    expect(new Set(pairs.map(usernameSkeleton)).size).toBe(256);
  });

  it('does not depend on being applied once', () => {
    for (const name of ['a1ice', 'modem', 'рауpаl', 'İstanbul']) same(usernameSkeleton(name), name);
  });
});

describe('isReservedUsername', () => {
  it('knows the names of the service, whatever they are written with', () => {
    for (const name of ['admin', 'Admin', 'аdmin', 'R00T', 'support', 'SYSTEM', 'me'])
      expect([name, isReservedUsername(name)]).toEqual([name, true]);
    for (const name of ['ada', 'administer', 'rooted'])
      expect([name, isReservedUsername(name)]).toEqual([name, false]);
  });
});
