import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../../platform/errors/app-error.js';
import { checkPassword } from './check-password.js';

const ada = { username: 'ada.lovelace', email: 'Ada@example.com' };

/** The field that is refused and why; undefined when none is. */
function refusal(...given: Parameters<typeof checkPassword>): string | undefined {
  try {
    checkPassword(...given);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'validation_failed') throw error;
    const [field] = error.options.errors ?? [];
    return `${field?.path} ${field?.code}`;
  }
}

describe('checkPassword', () => {
  it.each(['password123', 'PassWord123', 'ｐａｓｓｗｏｒｄ１２３', 'qwertyuiop', 'trustno1'])(
    'refuses %s',
    (one) => {
      expect(refusal(one, ada)).toBe('password too_common');
      expect(refusal(one, {}, 'newPassword')).toBe('newPassword too_common');
    },
  );

  it('refuses the name and the address of the account', () => {
    for (const own of ['Ada.Lovelace', 'ada@EXAMPLE.com'])
      expect(refusal(own, ada)).toBe('password too_common');
    expect(refusal('ada.lovelace', {})).toBeUndefined();
  });

  it('takes the others', () => {
    for (const other of ['long enough', 'correct horse battery staple', '🙂'.repeat(8)])
      expect(refusal(other, ada)).toBeUndefined();
  });
});
