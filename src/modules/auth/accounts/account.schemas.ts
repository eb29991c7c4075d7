import { z } from 'zod';
import { text } from '../../../platform/http/text.js';
import { usernamePattern } from './account.js';
import { avatarUrl } from './avatar-url.js';

/** A name as it is chosen. */
export const username = z
  .string()
  .normalize('NFKC')
  .regex(usernamePattern, 'expected 3 to 30 letters, digits, "_", "." or "-"')
  .meta({ description: '3 to 30 letters, digits, `_`, `.` or `-`.', examples: ['ada'] });

export const email = z
  .email('expected an e-mail address')
  .max(254)
  .meta({ examples: ['ada@example.com'] });

/** No control characters: they have no place in a name. */
export const displayName = text(1, 80)
  .trim()
  .min(1)
  .regex(/^\P{Cc}*$/u, 'control characters are not allowed');

/** A string of so many code points: one emoji is one character. */
const characters = (minimum: number, maximum: number) =>
  z
    .string()
    .min(minimum, `expected at least ${minimum} characters`)
    .max(maximum, `expected at most ${maximum} characters`)
    .refine((value) => value.isWellFormed(), 'lone surrogates are not allowed');

/** What an account may choose; `checkPassword` refuses the common ones of these. */
export const password = characters(8, 128).meta({
  description: '8 to 128 characters of any kind, none of the common passwords.',
  examples: ['correct horse battery staple'],
});

/** What somebody says is their password: it was chosen when other rules may have held. */
export const enteredPassword = characters(1, 128);

const counts = z.object({ posts: z.int(), followers: z.int(), following: z.int() });

/** What anyone may see of an account. */
export const publicProfile = z
  .object({
    id: z.uuid(),
    username: z.string(),
    displayName: z.string(),
    bio: z.string(),
    avatarUrl: z.string().nullable(),
    createdAt: z.iso.datetime(),
    counts,
  })
  .meta({ id: 'PublicProfile' });
export type PublicProfile = z.output<typeof publicProfile>;

/** What an account sees of itself. */
export const ownProfile = publicProfile
  .extend({ email: z.string(), emailVerified: z.boolean(), roles: z.array(z.string()) })
  .meta({ id: 'OwnProfile' });
export type OwnProfile = z.output<typeof ownProfile>;

/** What a profile shows that its owner decides; what is absent stays. */
export const profileChange = z
  .strictObject({
    displayName: displayName.optional(),
    bio: text(0, 500)
      .regex(/^(?:\P{Cc}|\n)*$/u, 'control characters other than line breaks are not allowed')
      .optional(),
    avatarUrl: avatarUrl.nullable().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, 'expected at least one field')
  .meta({ id: 'ProfileChange', minProperties: 1 });
export type ProfileChange = z.output<typeof profileChange>;
