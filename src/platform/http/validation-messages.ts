import type { z } from 'zod';

/** What was expected, by the name that zod has for a type. */
const types: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const formats: Readonly<Record<string, string>> = {
  uuid: 'a UUID',
  email: 'an e-mail address',
  url: 'a URL',
  datetime: 'a date and time of RFC 3339, e.g. 2026-01-31T12:00:00Z',
  date: 'a date, e.g. 2026-01-31',
};

const units: Readonly<Record<string, [one: string, many: string]>> = {
  string: ['character', 'characters'],
  array: ['item', 'items'],
};

/**
 * What is wrong with a field, in our words: zod's own would tell clients which library we use, and change
 * with it. A schema that has a text of its own keeps it.
 */
export function messageOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'required';
      return expected(types[issue.expected] ?? issue.expected);
    case 'too_small':
      return expected(`at least ${amount(issue.minimum, issue.origin)}`);
    case 'too_big':
      return expected(`at most ${amount(issue.maximum, issue.origin)}`);
    case 'invalid_format':
      return expected(formats[issue.format] ?? 'another form');
    case 'invalid_value':
      return expected(oneOf(issue.values.map(String)));
    case 'unrecognized_keys':
      return 'This field is not known.';
    case 'custom':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
      return 'not valid';
  }
}

const expected = (what: string): string => `expected ${what}`;

function amount(count: number | bigint, origin: string): string {
  const [one, many] = units[origin] ?? ['', ''];
  return `${count} ${Number(count) === 1 ? one : many}`.trimEnd();
}

function oneOf(values: string[]): string {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : `one of ${values.join(', ')}`;
}
