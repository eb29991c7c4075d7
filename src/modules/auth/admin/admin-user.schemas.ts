import { z } from 'zod';
import { pageOf, pageQuery } from '../../../platform/http/page.js';
import { text } from '../../../platform/http/text.js';
import { roles } from '../../../platform/security/permissions.js';

/** An account as administrators of its tenant see it. */
export const adminUser = z
  .object({
    id: z.uuid(),
    username: z.string(),
    displayName: z.string(),
    email: z.string(),
    emailVerified: z.boolean(),
    roles: z.array(z.string()),
    banned: z.boolean(),
    banReason: z.string().nullable(),
    bannedAt: z.iso.datetime().nullable(),
    deletedAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'AdminUser' });
export type AdminUser = z.output<typeof adminUser>;

export const adminUserPage = pageOf(adminUser).meta({ id: 'AdminUserPage' });

export const adminUserQuery = pageQuery.extend({
  q: text(1, 254)
    .optional()
    .meta({ description: 'The beginning of a user name, or a whole e-mail address.' }),
  role: z.enum(roles).optional(),
  banned: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: 'Only accounts that are banned, or only those that are not.' }),
});
export type AdminUserQuery = z.output<typeof adminUserQuery>;

export const userChange = z
  .strictObject({
    roles: z
      .array(z.enum(roles))
      .max(roles.length)
      .refine((names) => new Set(names).size === names.length, 'expected each role once')
      .optional()
      .meta({
        description: 'All roles from now on; `user`, which everybody has, may be left out.',
        examples: [['moderator']],
      }),
    ban: z.boolean().optional(),
    banReason: text(1, 500)
      .optional()
      .meta({ description: 'For administrators; only together with `ban: true`.' }),
    restore: z
      .literal(true)
      .optional()
      .meta({ description: 'Undoes a deletion, until the account is gone for good.' }),
  })
  .refine((change) => change.banReason === undefined || change.ban === true, {
    path: ['banReason'],
    message: 'expected only together with "ban": true',
  })
  .refine(
    ({ roles: names, ban, restore }) => names !== undefined || ban !== undefined || restore,
    'expected at least one of "roles", "ban" and "restore"',
  )
  .meta({ id: 'UserChange' });
export type UserChange = z.output<typeof userChange>;
