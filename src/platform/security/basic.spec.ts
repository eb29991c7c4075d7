import { describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { basicPassword, mayBeByBrowser } from './basic.js';

const pair = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the password of Basic credentials', () => {
  it.each([
    [pair('ops:the key'), 'the key'],
    [pair(':the key'), 'the key'],
    [pair('ops:with:colons:'), 'with:colons:'],
    [pair('ops:ключ'), 'ключ'],
    [`bAsIc   ${Buffer.from('a:b').toString('base64')}`, 'b'],
    [pair('no colon'), 'no colon'],
    ['Basic', ''],
    ['Basic !!!', ''],
  ])('of %s is "%s"', (header, password) => {
    expect(basicPassword(header)).toBe(password);
  });

  it.each([undefined, 'Bearer abc', 'Basically abc'])('of %s is none', (header) => {
    expect(basicPassword(header)).toBeUndefined();
  });
});

describe('a request with the credentials of a browser', () => {
  const may = (method: string, headers: Record<string, string>) =>
    mayBeByBrowser({ method, headers, host: 'ops.example:3000' } as unknown as FastifyRequest);
  const ours = { origin: 'http://ops.example:3000' };
  const theirs = { origin: 'http://evil.example' };

  it.each<[string, Record<string, string>, boolean]>([
    ['POST', { 'sec-fetch-site': 'same-origin' }, true],
    ['POST', ours, true],
    ['POST', {}, false],
    ['POST', theirs, false],
    ['POST', { origin: 'null' }, false],
    ['POST', { origin: 'http://ops.example' }, false],
    ['POST', { 'sec-fetch-site': 'cross-site', ...ours }, false],
    ['POST', { 'sec-fetch-site': 'same-site' }, false],
    ['POST', { 'sec-fetch-site': 'none' }, false],
    ['POST', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, false],
    ['GET', {}, true],
    ['GET', theirs, false],
    ['GET', { 'sec-fetch-site': 'same-origin' }, true],
    ['GET', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, true],
    ['GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, true],
    ['GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }, false],
    ['GET', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, false],
  ])('%s with %j: %s', (method, headers, expected) => {
    expect(may(method, headers)).toBe(expected);
  });
});
