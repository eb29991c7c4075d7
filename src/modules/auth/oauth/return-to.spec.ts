import { describe, expect, it } from '@jest/globals';
import { checkReturnTo } from './return-to.js';

const origins = [
  'https://app.example.com',
  'http://localhost:5173',
  'https://UPPER.example.com:443',
];

describe('checkReturnTo', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com/'],
    ['https://APP.example.com:443/a?b=1#c', 'https://app.example.com/a?b=1#c'],
    ['http://localhost:5173/done', 'http://localhost:5173/done'],
    ['https://upper.example.com/', 'https://upper.example.com/'],
  ])('takes %s', (given, href) => {
    expect(checkReturnTo(given, origins)).toBe(href);
  });

  it.each([
    '',
    '/done',
    '//app.example.com/done',
    'app.example.com',
    'javascript:alert(1)//https://app.example.com',
    'data:text/html,https://app.example.com',
    'blob:https://app.example.com/1f0e5c',
    'http://app.example.com/',
    'https://app.example.com:8443/',
    'https://app.example.com.evil.test/',
    'https://evil.test/https://app.example.com',
    'https://app.example.com@evil.test/',
    'https://evil.test\\@app.example.com/',
    'https://ada:secret@app.example.com/',
    'https://evil.test#https://app.example.com',
    'http://localhost/',
    'http://127.0.0.1:5173/',
    'null',
    `https://app.example.com/${'a'.repeat(2000)}`,
    `https://app.example.com/${'ä'.repeat(500)}`,
  ])('refuses %s', (given) => {
    expect(() => checkReturnTo(given, origins)).toThrow('The request is not valid');
  });

  it('refuses everything where nothing is listed', () => {
    expect(() => checkReturnTo('http://localhost:3000/', [])).toThrow();
  });
});
