import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { messageOf } from './validation-messages.js';

describe('what is wrong with a field', () => {
  it.each([
    [z.string(), undefined, 'required'],
    [z.string(), 7, 'expected text'],
    [z.coerce.number(), 'seven', 'expected a number'],
    [z.int(), 1.5, 'expected a whole number'],
    [z.boolean(), 'yes', 'expected true or false'],
    [z.array(z.string()), {}, 'expected a list'],
    [z.strictObject({}), [], 'expected an object'],
    [z.string().min(1), '', 'expected at least 1 character'],
    [z.string().max(3), 'long', 'expected at most 3 characters'],
    [z.array(z.string()).max(1), ['a', 'b'], 'expected at most 1 item'],
    [z.number().max(365), 366, 'expected at most 365'],
    [z.uuid(), 'x', 'expected a UUID'],
    [z.email(), 'x', 'expected an e-mail address'],
    [z.iso.datetime(), 'x', 'expected a date and time of RFC 3339, e.g. 2026-01-31T12:00:00Z'],
    [z.string().regex(/^a+$/), 'b', 'expected another form'],
    [z.enum(['a', 'b']), 'c', 'expected one of a, b'],
    [z.literal('a'), 'c', 'expected a'],
    [z.union([z.boolean(), z.literal('a')]), 'c', 'not valid'],
    [z.string().min(3, 'three at least'), '', 'three at least'],
    [z.string().refine(() => false, 'a word of our own'), '', 'a word of our own'],
  ])('%#', (schema: z.ZodType, value, message) => {
    const { error } = schema.safeParse(value, { error: messageOf });
    expect(error?.issues.map((issue) => issue.message)).toEqual([message]);
  });
});
