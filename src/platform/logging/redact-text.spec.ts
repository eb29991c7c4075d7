import { describe, expect, it } from '@jest/globals';
import { shortest, timed } from '../../../test/support/shortest.js';
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
    [`-----BEGIN RSA PRIVATE KEY-----\nMII${S}\n${S}==\n-----END RSA PRIVATE KEY-----\nkept`, '[redacted]\nkept'],
    [`{"pem":"-----BEGIN PRIVATE KEY-----\\nMII${S}\\n-----END PRIVATE KEY-----\\n","x":1`, '{"pem":"[redacted]\\n","x":1'],
    [`cut -----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl${S}`, 'cut [redacted]'],
    [`failed: {"kty":"RSA","n":"x","d":"${S}","dp":"${S}"`, 'failed: {"kty":"RSA","n":"x","d":"[redacted]","dp":"[redacted]"'],
    [`{ k: '${S}', kty: 'oct' }`, "{ k: '[redacted]', kty: 'oct' }"],
    [`redis://:pa/${S}@10.0.0.1:6379 is away`, 'redis://[redacted]@10.0.0.1:6379 is away'],
    [`redis://:p@s/${S}@10.0.0.1:6379/0`, 'redis://[redacted]@10.0.0.1:6379/0'],
    [`amqp://app:12/${S}@mq/main`, 'amqp://[redacted]@mq/main'],
    [`https://ada:a#${S}@example.org/a`, 'https://[redacted]@example.org/a'],
    [`https://ada:a?b'${S}@example.org/a`, 'https://[redacted]@example.org/a'],
    [`https://example.org/?next=redis://:a/${S}@db`, 'https://example.org/?next=redis://[redacted]@db'],
    [`<password>${S}</password><x>1</x>`, '<password>[redacted]</password><x>1</x>'],
    [`<wsse:Password Type="a"><![CDATA[<${S}]]></wsse:Password>`, '<wsse:Password Type="a">[redacted]</wsse:Password>'],
    [`form-data; name="password"\r\n\r\n${S}\r\n${S}\r\n--b`, 'form-data; name="password"\r\n\r\n[redacted]\r\n--b'],
    [`name=\\"pin\\"\\r\\nContent-Type: text/plain\\r\\n\\r\\n${S}\\r\\n--b`, 'name=\\"pin\\"\\r\\nContent-Type: text/plain\\r\\n\\r\\n[redacted]\\r\\n--b'],
    [`[{"received":"${S}","path":["body","password"]}] in a text`, '[{"received":"[redacted]","path":["body","password"]}] in a text'],
    [`a: 1\n  password: |\n    ${S}\n\n    ${S}\n  next: 2`, 'a: 1\n  password: [redacted]\n  next: 2'],
    [`password: >-\n  ${S}`, 'password: [redacted]'],
    [`{"yaml":"a: 1\\n  pwd: |\\n    ${S}\\n\\n    ${S}\\nnext: 2","x":1`, '{"yaml":"a: 1\\n  pwd: [redacted]\\nnext: 2","x":1'],
    [`"a\\npin=${S}\\nb`, '"a\\npin=[redacted]\\nb'],
    [`pwd: |\n  ${S}\nnext: 2`, 'pwd: [redacted]\nnext: 2'],
    [`- pwd: |\n    ${S}\n  next: 2`, '- pwd: [redacted]\n  next: 2'],
    [`{"yaml":"password: |\\n  ${S}\\n","x":1`, '{"yaml":"password: [redacted]","x":1'],
    [`run "password=a ${S} c" now`, 'run "password=[redacted]" now'],
    [`run '--password=a ${S} c' now`, "run '--password=[redacted]' now"],
    [`passwort=${S} recovery_code=${S} mfaCode: ${S}`, 'passwort=[redacted] recovery_code=[redacted] mfaCode: [redacted]'],
    [`signature=${S}`, 'signature=[redacted]'],
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
    ['admin@localhost', 'a***@l***'],
    ['to ada＠example.com now', 'to a***@e*** now'],
    ['ada%2540example.com', 'a***@e***'],
    ['to ada%252540localhost', 'to a***@l***'],
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
    'npm i @nestjs/core pg@8.1 left-pad@1.2.3-beta.rc ws@8.1.0+build.x actions/checkout@v4',
    'file:///app/node_modules/.pnpm/@nestjs+core@12.5.1_pg@8.1/node_modules/@nestjs/core/index.js',
    'http://localhost:3000/@nestjs/core https://registry.npmjs.org/@nestjs/core https://unpkg.com/pg@8.1/x',
    'SELECT a @> b, c @@ d, e->>f',
    'd: 5 q=3 k: v dp=1',
    '-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----',
    'use <password> or <b>bold</b>, name="title"\r\n\r\nx',
    '{"path":["body","title"],"received":"x"} in a text',
    'title: |\n  a block',
    '@mention and #tag',
  ])('leaves alone: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('takes no longer for texts that are made to take long', async () => {
    const worst = ['a@', 'token"', 'a.', '://', 'token ', '"a', '?%', '<pw>', '<pw></', '\\', '<pw><![CDATA[', 'name="pw"\n\n', '://a:b/', '://:a@', 'path:[', 'password\\', 'cookie: ', '@a.', '-----BEGIN PRIVATE KEY-----', 'pw: |\n ', '"pw=a', 'kty d:'];
    for (const piece of worst) {
      for (const text of [piece.repeat(8000), `a@${piece.repeat(8000)}`, `${piece.repeat(8000)}=`, `</ name= path:["pw"] ${piece.repeat(8000)}`]) {
        const took = await shortest(150, () => timed(() => redactText(text)));
        expect({ piece, slow: took > 150 }).toEqual({ piece, slow: false });
      }
    }
  }); // prettier-ignore
});
