import { describe, expect, it } from '@jest/globals';
import { redactText } from './redact-text.js';

const S = 'hunter2Zq9';
const basic = Buffer.from(`ada:${S}`).toString('base64');

describe('redactText', () => {
  it.each([
    [`Bearer ${S}.x-y_z`, 'Bearer [redacted]'],
    [`BEARER   ${S}`, 'BEARER   [redacted]'],
    [`with Basic ${basic} again`, 'with Basic [redacted] again'],
    [`a key mk_live_${S} of ours`, 'a key [redacted] of ours'],
    [`eyJhbGciOiJub25lIn0.eyJ${S}.`, '[redacted]'],
    [`eyJhbGciOiJub25lIn0${S}`, '[redacted]'],
    [`postgres://app:${S}@db:5432/main`, 'postgres://[redacted]@db:5432/main'],
    [`redis://:p@ss${S}@db:6379`, 'redis://[redacted]@db:6379'],
    [`GET /a?x=1&token=${S}&y=2 200`, 'GET /a?x=1&token=[redacted]&y=2 200'],
    [`/cb?code=${S}&state=${S}#access_token=${S}`, '/cb?code=[redacted]&state=[redacted]#access_token=[redacted]'],
    [`/a?access%5Ftoken=${S}`, '/a?access%5Ftoken=[redacted]'],
    [`/a?next=https%3A%2F%2Fx.org%2F%3Ftoken%3D${S}&b=1`, '/a?next=[redacted]&b=1'],
    [`Error: password=${S}`, 'Error: password=[redacted]'],
    [`tokens: ["${S}", "${S}"] of 2`, 'tokens: [redacted]] of 2'],
    [`grant_type=password&password=${S}`, 'grant_type=password&password=[redacted]'],
    [`password: ${S}, next`, 'password: [redacted], next'],
    [`{"password":"${S} and \\"more\\"","x":1`, '{"password":"[redacted]","x":1'],
    [`"{\\"pwd\\":\\"${S} more\\",\\"x\\":1}`, '"{\\"pwd\\":\\"[redacted]\\",\\"x\\":1}'],
    [`Cookie: a=${S}; b=${S}\nHost: x`, 'Cookie: [redacted]\nHost: x'],
    [`authorization: Digest username="x", response="${S}"`, 'authorization: [redacted]'],
  ])('hides secrets in %s', (text, safe) => {
    const result = redactText(text);
    expect(result).toBe(safe);
    expect(result).not.toContain(S);
    expect(result).not.toContain(basic);
  }); // prettier-ignore

  it.each([
    ['ada.lovelace@example.co.uk', 'a***@e***'],
    ['ADA+news@EXAMPLE.COM', 'A***@E***'],
    ['<ada@example.com>', '<a***@e***>'],
    ['Key (email)=(bob@example.com)', 'Key (email)=(b***@e***)'],
    ['"ada \\" lovelace"@example.com', 'a***@e***'],
    ['ädä@exämple.de', 'ä***@e***'],
    ['用户@例子.公司', '用***@例***'],
    ['ada%40example.com', 'a***@e***'],
    ['mailto:ada_l@mail.example.org?', 'mailto:a***@m***?'],
    ['ada@[192.168.0.1]', 'a***@1***'],
    ["o'hara@example.com", 'o***@e***'],
  ])('shows of %s what tells two of them apart', (text, safe) => {
    expect(redactText(text)).toBe(safe);
  });

  it.each([
    'nothing to hide',
    'at run (/app/node_modules/pino@10.4.0/lib/tools.js:10:5)',
    'Basic information is missing',
    'the author passes the compass to a passenger',
    'https://example.org/a?page=2&country=DE',
    'tokens_total=5 session_id=7 token_type=access',
    'took: 5 ms, status: 200, code: E_FAILED',
    '12:34:56 http://[::1]:3000/healthz',
    '@mention and #tag',
  ])('leaves alone: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('takes no longer for texts that are made to take long', () => {
    const worst = ['a@', 'token"', 'a.', '://', 'token ', '"a', '?%', 'password\\', 'cookie: ', '@a.'];
    for (const piece of worst) {
      for (const text of [piece.repeat(8000), `a@${piece.repeat(8000)}`, `${piece.repeat(8000)}=`]) {
        const started = performance.now();
        redactText(text);
        expect({ piece, slow: performance.now() - started > 150 }).toEqual({ piece, slow: false });
      }
    }
  }); // prettier-ignore
});
