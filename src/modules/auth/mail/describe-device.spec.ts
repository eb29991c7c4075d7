import { describe, expect, it } from '@jest/globals';
import { describeDevice } from './describe-device.js';

describe('describeDevice', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
      'Safari on an iPhone',
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
      'Edge on Windows',
    ],
    ['curl/8.5.0', 'curl'],
    ['MyApp (Linux)', 'Linux'],
  ])('%s', (userAgent, expected) => expect(describeDevice(userAgent)).toBe(expected));

  it('quotes nothing of what is written into it', () => {
    expect(describeDevice('You have won! http://evil.example <b>Firefox/</b>')).toBe('Firefox');
    expect(describeDevice('You have won! http://evil.example')).toBeUndefined();
  });
});
