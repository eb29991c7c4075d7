import { randomInt } from 'node:crypto';
import { displayName, username as usernameSchema } from '../accounts/account.schemas.js';
import type { ForeignAccount } from './provider.js';

const MIN = 3;
const MAX = 30;
/** Tries with a number behind the name, each with more digits. */
const DIGITS = [3, 4, 6, 8, 9];

/**
 * User names for who signs in for the first time, the nicest first: what they are called elsewhere,
 * then the same with a number. Never made from the e-mail address, which is nobody else's business.
 */
export function suggestUsernames({
  username,
  name,
}: Pick<ForeignAccount, 'username' | 'name'>): string[] {
  const base = [username, name].map(cleaned).find((text) => text.length >= MIN) ?? 'user';
  const numbered = DIGITS.map((digits) => {
    const number = randomInt(10 ** (digits - 1), 10 ** digits);
    return `${cut(base, MAX - digits - 1)}_${number}`;
  });
  return [cut(base, MAX), ...numbered].filter(
    (candidate) => usernameSchema.safeParse(candidate).success,
  );
}

/** The display name of such an account. */
export function suggestDisplayName(name: string | undefined, fallback: string): string {
  const text = (name ?? '')
    .toWellFormed()
    .replace(/[\p{Cc}\0]+/gu, ' ')
    .trim();
  const { data } = displayName.safeParse(cut(text, 80).trim());
  return data ?? fallback;
}

/** What a user name may hold, and `_` for everything between. */
function cleaned(text: string | undefined): string {
  return (text ?? '')
    .toWellFormed()
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}_.-]+/gu, '_')
    .replace(/^_+|_+$/g, '');
}

/** Never through the middle of a character. */
function cut(text: string, length: number): string {
  const short = text.slice(0, length);
  return short.isWellFormed() ? short : short.slice(0, -1);
}
