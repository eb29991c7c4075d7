import { z } from 'zod';

/** Letters and digits of any script, `_`, `.` and `-`; 3 to 30 of them. */
export const username = z
  .string()
  .regex(/^[\p{L}\p{N}_.-]{3,30}$/u, 'expected 3 to 30 letters, digits, "_", "." or "-"')
  .transform((value) => value.normalize('NFKC'))
  .meta({ description: '3 to 30 letters, digits, `_`, `.` or `-`.', examples: ['ada'] });

export const email = z
  .email('expected an e-mail address')
  .max(254)
  .meta({ examples: ['ada@example.com'] });

/** No control characters: they have no place in a name, and NUL none in PostgreSQL. */
export const displayName = z
  .string()
  .trim()
  .min(1)
  .max(80)
  // eslint-disable-next-line no-control-regex
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'control characters are not allowed');

export const password = z
  .string()
  .min(8, 'expected at least 8 characters')
  .max(128, 'expected at most 128 characters')
  .meta({
    description: '8 to 128 characters of any kind.',
    examples: ['correct horse battery staple'],
  });

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
  .extend({ email: z.string(), roles: z.array(z.string()) })
  .meta({ id: 'OwnProfile' });
export type OwnProfile = z.output<typeof ownProfile>;
