import { describe, expect, it } from '@jest/globals';
import { redact, redactText } from './redact.js';

describe('redact', () => {
  it('hides secrets wherever they stand and however they are spelt', () => {
    const attack = {
      password: 'p1',
      newPassword: 'p2',
      headers: {
        Authorization: 'Bearer abc',
        Cookie: 'sid=1',
        'x-api-key': 'k',
        'X-Internal-Key': 'i',
      },
      nested: [{ deep: { refresh_token: 't', clientSecret: 's', accessToken: 'a' } }],
      note: 'Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0. for ada.lovelace@example.co.uk',
    };
    const text = JSON.stringify(redact(attack));
    for (const secret of [
      'p1',
      'p2',
      'abc',
      'sid=1',
      '"k"',
      '"i"',
      '"t"',
      '"s"',
      '"a"',
      'eyJ',
      'lovelace',
      'example.co',
    ]) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('a***@e***');
  });

  it('hides Basic credentials in a text, and leaves the word alone', () => {
    const pair = Buffer.from('operator:the internal key').toString('base64');
    expect(redactText(`authorization: Basic ${pair}`)).toBe('authorization: Basic [redacted]');
    expect(redactText('Basic authentication failed')).toBe('Basic authentication failed');
  });

  it('keeps what an error says, and hides what it says too much', () => {
    const error = Object.assign(new Error('no mail for bob@example.com'), {
      code: '23505',
      detail: 'Key (email)=(bob@example.com)',
    });
    expect(redact({ err: error })).toEqual({
      err: {
        type: 'Error',
        message: 'no mail for b***@e***',
        stack: expect.any(String),
        code: '23505',
      },
    });
    expect(JSON.stringify(redact(error))).not.toContain('bob@example.com');
  });

  it('ends on circles and leaves plain text alone', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(JSON.stringify(redact(circle))).toContain('[deep]');
    expect(redactText('nothing to hide')).toBe('nothing to hide');
  });
});
