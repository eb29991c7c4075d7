import { dictionary } from '@zxcvbn-ts/language-common';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { emailKey, usernameKey } from '../accounts/account.js';

/** Of the list that the package has those that are long enough to be tried here at all: 18,000. */
const common = new Set(
  dictionary['passwords-common']
    .filter((password) => password.length >= 8)
    .map((password) => password.toLowerCase()),
);

/**
 * Refuses what an attacker tries first: a common password, or the account's own name or address.
 *
 * @param path the field of the body that it is in
 * @throws AppError `validation_failed` with the code `too_common`
 */
export function checkPassword(
  password: string,
  account: { username?: string; email?: string },
  path = 'password',
): void {
  if (!isGuessedFirst(password, account)) return;
  const message = 'This password is one of the first that are guessed. Choose another one.';
  throw platformErrors.validation_failed({ errors: [{ path, code: 'too_common', message }] });
}

/** Whether it is a common password, or the account's own name or address. */
export function isGuessedFirst(
  password: string,
  account: { username?: string; email?: string },
): boolean {
  const plain = password.normalize('NFKC').toLowerCase();
  const own = [
    account.username !== undefined && usernameKey(account.username),
    account.email !== undefined && emailKey(account.email),
  ];
  return common.has(plain) || own.includes(plain);
}
