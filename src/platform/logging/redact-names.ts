import { redactText } from './redact-text.js';
import { isSecretField } from './secret-fields.js';

/** A longer name is searched as the texts are, from the same budget. */
export const MAX_NAME = 64;

/** Names that were searched and hide nothing; those of usual records come again and again. */
const plainNames = new Set<string>();
const MAX_KNOWN = 2000;

/** The name of a field without what must not be read. */
export function safeName(name: string): string {
  if (plainNames.has(name)) return name;
  const safe = redactText(name);
  if (safe === name) {
    if (plainNames.size >= MAX_KNOWN) plainNames.clear();
    plainNames.add(name);
  }
  return safe;
}

const naming = new Set(
  'name key header field param property path instancePath Name Key Header Field'.split(' '),
);
/** Of a path so many steps are looked at. */
const MAX_STEPS = 100;

/** `{ name: 'Cookie', value: … }`, as some clients write headers, or what a check says of an input at a `path`. */
export function namesASecret(names: string[], at: (index: number) => unknown): boolean {
  return names.some((name, index) => {
    if (!naming.has(name)) return false;
    const named = at(index);
    if (Array.isArray(named)) return named.slice(0, MAX_STEPS).some(isNameOfSecret);
    return isNameOfSecret(named);
  });
}

/**
 * Whether a value is the name of a secret field. An area of ours is called `auth`: as a value that is
 * more often a name of it than a header's.
 */
export const isNameOfSecret = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= MAX_NAME && value !== 'auth' && isSecretField(value);
