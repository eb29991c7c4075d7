import { z } from 'zod';
import { pageOf } from '../../../platform/http/page.js';
import { text } from '../../../platform/http/text.js';
import { permissions } from '../../../platform/security/permissions.js';

export const newApiKeyRequest = z
  .strictObject({
    name: text(1, 80)
      .trim()
      .min(1)
      .regex(/^\P{Cc}*$/u, 'control characters are not allowed')
      .meta({ examples: ['nightly export'] }),
    scopes: z
      .array(z.enum(permissions))
      .min(1)
      .max(permissions.length)
      .refine((scopes) => new Set(scopes).size === scopes.length, 'expected each scope once')
      .meta({
        description:
          'What the key is good for at most: permissions that the roles of the account give, but never `account:security`.',
      }),
    expiresInDays: z.int().min(1).max(365).default(90),
  })
  .meta({ id: 'NewApiKey' });
export type NewApiKeyRequest = z.output<typeof newApiKeyRequest>;

/** An API key without the key itself, which nobody can read again. */
const apiKeySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    scopes: z.array(z.string()),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.output<typeof apiKeySchema>;

export const createdApiKey = apiKeySchema
  .extend({ key: z.string().meta({ description: 'Shown this once.' }) })
  .meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.output<typeof createdApiKey>;

export const apiKeyPage = pageOf(apiKeySchema).meta({ id: 'ApiKeyPage' });
