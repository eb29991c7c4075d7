import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { shortest, timed } from '../../../test/support/shortest.js';
import { redact } from './redact.js';
import { redactText } from './redact-text.js';

/** What must not be in any record, in pieces that no other text has. */
const S = 'hunter2-Zq9';

const shown = (value: unknown): string => {
  const text = JSON.stringify(redact(value));
  JSON.parse(text);
  return text;
};

describe('redact', () => {
  it.each([
    'password newPassword PASSWORD password_confirmation user-password passwordHash password2 passWord passwd',
    'pwd userPwd pass user_pass db.pass pass_word pin pin_code otp otpCode totp cvv sid connect.sid session',
    'secret clientSecret client_secret SECRET_KEY token accessToken refresh_token X-Auth-Token id_token tokenValue',
    'cookie Cookie set-cookie SetCookie cookies authorization Proxy-Authorization jwt user_jwt bearer credentials',
    'apiKey api_key x-api-key X-Internal-Key privateKey encryption_key accessKey csrf X-CSRF-Token xsrf ticket',
    'auth x-auth X_AUTH signature x-hub-signature passwort neuesPasswort mfaCode mfa_code twoFactorCode',
    'code_verifier recoveryCodes verification_code ｐａｓｓｗｏｒｄ sessionKey signing-key tokenHash',
  ])('hides the values of %s', (names) => {
    for (const name of names.split(' ')) {
      for (const value of [S, [S], { deep: S }, 123_456])
        expect(shown({ a: [{ [name]: value }] })).not.toMatch(/hunter2|123456/);
    }
  });

  it('leaves alone what only sounds like a secret, and what is no value', () => {
    const usual = {
      tokens_total: 5,
      tokens: 7,
      token_type: 'access',
      token_count: 3,
      password_changed_at: '2026-11-20T00:00:00Z',
      password: null,
      hasPassword: true,
      compass: 'north',
      passenger: 'Ada',
      author: 'ada',
      authors: ['bob'],
      author_id: 'a1',
      authored: 'yes',
      d: 'day',
      k: 'v',
      p: ['q'],
      dp: 'display',
      signed: 'yes',
      mfa_enabled: 'yes',
      issue: { path: ['body', 'title'], received: 'x' },
      modules: ['auth', 'posts', 'realtime'],
      queue: { name: 'auth', value: 5 },
      packages: ['@nestjs/core', 'pg@8.1', 'pino@10.4.0'],
      bypass: 'limits',
      pinned: 'yes',
      spinner: 'on',
      inside: 'out',
      session_id: '01a1f7f8-2192-738f-963f-5c71fa5dbbc5',
      keyboard: 'qwerty',
      key: 'feed:1',
      kid: 'k1',
      secretary: 'Eve',
      tokenizer: 'words',
      code: '23505',
      email_verified: true,
      cookie_name: 'theme',
      passed: 'all',
    };
    expect(redact(usual)).toEqual(usual);
    const texts = ['a post (2.4 ms): 3 of 7', 'no author, no compass', 'GET /api/v1/posts/:id'];
    expect(redact(texts)).toEqual(texts);
  });

  it('hides headers in whatever list they come', () => {
    for (const headers of [
      ['Host', 'x', 'Authorization', `Digest ${S}`, 'Set-Cookie', `a=${S}`],
      [
        ['cookie', `a=${S}; b=${S}`],
        ['x-auth-token', S],
      ],
      [{ name: 'Cookie', value: `theme=dark; s=${S}` }],
      new Map([['set-cookie', [S]]]),
      new Headers({ authorization: `Negotiate ${S}` }),
    ])
      expect(shown({ headers, rawHeaders: headers })).not.toContain(S);
    expect(shown(['Host', 'example.org', 'Cookie', S])).toContain('example.org');
  });

  it('looks into maps, sets, instances and JSON in strings, and calls toJSON', () => {
    class Account {
      readonly name = 'ada';
      readonly password = S;
    }
    class Hidden {
      toJSON() {
        return { token: S, kept: 'yes' };
      }
    }
    const nested = JSON.stringify({ a: JSON.stringify({ password: S, kept: 'yes' }) });
    for (const value of [
      new Map<unknown, unknown>([['pwd', S]]),
      new Set([{ pwd: S }]),
      new Account(),
      new Hidden(),
      nested,
      `request failed: ${nested}`,
      `{"password": "${S}`,
      new URL(`https://ada:${S}@example.org/?access_token=${S}`),
      new URLSearchParams({ password: S }).toString(),
    ])
      expect(shown({ value })).not.toContain(S);
    expect(shown({ hidden: new Hidden() })).toContain('"kept":"yes"');
    expect(shown({ nested })).toContain('kept');
  });

  it('hides private keys in whatever notation they come', () => {
    const jwk = { kty: 'RSA', n: 'modulus', e: 'AQAB', d: S, p: S, q: S, dp: S, dq: S, qi: S };
    const secretKey = { k: S, kty: 'oct' };
    const pem = `-----BEGIN PRIVATE KEY-----\nMII${S}\n-----END PRIVATE KEY-----`;
    for (const value of [
      jwk,
      { keys: [secretKey] },
      JSON.stringify({ keys: [jwk] }),
      `cannot import ${JSON.stringify(JSON.stringify(jwk))}`,
      new Map(Object.entries(jwk)),
      new Error(`bad key ${pem}`),
      pem,
      [`${pem}\n${pem}`],
    ])
      expect(shown({ value })).not.toContain(S);
    expect(shown(jwk)).toContain('modulus');
  });

  it('hides what a check of the input says of the value', () => {
    const issue = { code: 'x', message: 'too short', path: ['body', 'password'], received: S };
    for (const value of [
      [issue],
      { ...issue, input: S, expected: 'string', minimum: 8, inclusive: true },
      new Error(JSON.stringify([issue], undefined, 2)),
      { name: 'issue', path: ['password'], input: S },
      { instancePath: '/body/password', data: S },
      { property: 'password', value: S, constraints: {}, children: [], target: {} },
    ])
      expect(shown({ value })).not.toContain(S);
    expect(shown(issue)).toContain('too short');
  });

  it('searches so many characters of a record, and notes the length of the others', () => {
    const long = 'x '.repeat(8192);
    const KiB = 1024;
    const lengthOf = (value: unknown): number => shown(value).length;
    const fields = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`f${n}`, long]));
    const texts = Object.values(redact(fields) as Record<string, string>);
    const notes = texts.filter((text) => text !== long);
    expect([texts.length, notes.length]).toEqual([200, 185]); // the last 16 KiB are for short ones
    expect(new Set(notes)).toEqual(new Set(['[16384 characters]']));
    const keys = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`${long}${n}`, 1]));
    const json = JSON.stringify({ a: 'y'.repeat(15 * KiB) });
    const failures = Array.from({ length: 100 }, () => new Error(long));
    const lists = Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => long));
    for (const many of [keys, Array.from({ length: 100 }, () => json), failures, lists])
      expect(lengthOf(many)).toBeLessThan(600 * KiB);
    const { a, ...rest } = redact({ a: lists, password: S, code: 'short' }) as typeof fields;
    expect([a?.length, rest]).toEqual([100, { password: '[redacted]', code: 'short' }]);
  });

  it('takes what cannot be serialised', () => {
    const trap = {
      get bad(): string {
        throw new Error(S);
      },
      good: 'kept',
    };
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error(S);
        },
      },
    );
    const evil = { toJSON: () => { throw new Error(S); } }; // prettier-ignore
    const circle: Record<string, unknown> = { kept: 'yes' };
    circle['self'] = circle;
    const text = shown({
      trap,
      hostile,
      evil,
      circle,
      big: 12n,
      symbol: Symbol('s'),
      buffer: Buffer.from(S),
      bytes: new Uint8Array(3),
      date: new Date(Number.NaN),
      call: () => S,
      nothing: undefined,
      'ada@example.com': 1,
      ...(JSON.parse('{"__proto__":{"password":"x"}}') as object),
    });
    expect(text).not.toContain(S);
    expect(text).not.toContain('ada@');
    for (const part of ['"good":"kept"', '[unreadable]', '[circular]', '"big":"12"', '[3 bytes]'])
      expect(text).toContain(part);
  });

  it('is bounded, however large and deep a value is', async () => {
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`f${n}`, { n }]));
    let deep: unknown = S;
    for (let n = 0; n < 10_000; n++) deep = { deep };
    const large = { wide, deep, long: 'x'.repeat(1_000_000) };
    expect(shown(large).length).toBeLessThan(60_000);
    const took = await shortest(500, () => timed(() => shown(large)));
    expect(took).toBeLessThanOrEqual(500);
  });

  it('hides Basic credentials in a text, and leaves the word alone', () => {
    const pair = Buffer.from('operator:the internal key').toString('base64');
    expect(redactText(`he sent Basic ${pair}`)).toBe('he sent Basic [redacted]');
    expect(redactText('Basic authentication failed')).toBe('Basic authentication failed');
  });

  it('keeps what an error says, and hides what it says too much', () => {
    const error = Object.assign(new Error('no mail for bob@example.com'), {
      code: '23505',
      detail: `Key (email)=(${S})`,
      where: `COPY users, line 1: "${S}"`,
      parameters: [S],
      query: `SELECT '${S}'`,
    });
    expect(redact({ err: error })).toEqual({
      err: {
        type: 'Error',
        message: 'no mail for b***@e***',
        stack: expect.stringContaining('no mail for b***@e***'),
        code: '23505',
      },
    });
    expect(shown(error)).not.toContain(S);
  });

  it('hides secrets in causes, in several errors at once, in stacks and in those of zod', () => {
    const cause = new Error(`cannot reach postgres://app:${S}@db/main`);
    const many = new AggregateError(
      [new Error(`password=${S}`), { token: S }],
      `Authorization: Bearer ${S}`,
    );
    cause.cause = many;
    const refused = z
      .strictObject({ password: z.string().max(1) })
      .safeParse({ password: S, [`token=${S}`]: 1 });
    for (const error of [new Error('outer', { cause }), many, refused.error])
      expect(shown({ err: error })).not.toContain(S);
    const text = shown(new Error('outer', { cause }));
    expect(text).toContain('cannot reach postgres://[redacted]@db/main');
    expect(text).toContain('"errors":[{"type":"Error"');
    const odd: object = Object.assign(new Error('x'), {
      name: { password: S },
      message: 5n,
      stack: null,
    });
    expect(shown(odd)).not.toContain(S);
    Object.assign(odd, { cause: odd });
    expect(shown(odd)).toContain('[circular]');
  });

  it('holds for any nesting', () => {
    let seed = 20_261_120;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const names = 'password token set-cookie x-auth-token clientSecret otp sid apiKey'.split(' ');
    const wrap: ((inner: unknown) => unknown)[] = [
      (inner) => ({ inner, kept: 'yes' }),
      (inner) => [inner, 'kept'],
      (inner) => new Map([['inner', inner]]),
      (inner) => new Set([inner]),
      (inner) => new Error('outer', { cause: inner }),
      (inner) => new AggregateError([inner], 'many'),
      (inner) => ({ toJSON: () => inner }),
      (inner) => JSON.stringify(redactable(inner)),
      (inner) => `failed: ${JSON.stringify(redactable(inner))}`,
    ];
    for (let n = 0; n < 3000; n++) {
      let value: unknown = { [names[random(names.length)] ?? '']: `${S} ${n}, and "more" of ${S}` };
      for (let depth = random(7); depth > 0; depth--) value = wrap[random(wrap.length)]?.(value);
      const text = shown(value);
      if (text.includes('hunter2')) throw new Error(`${n}: ${text}`);
    }
  });
});

/** JSON knows neither maps nor errors: what would be lost is no test. */
function redactable(value: unknown): unknown {
  if (value instanceof Map || value instanceof Set) return [...value];
  return value instanceof Error ? { cause: value.cause } : value;
}
