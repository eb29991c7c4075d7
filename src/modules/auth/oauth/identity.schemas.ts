import { z } from 'zod';
import type { Identity } from './identities.repository.js';
import { providerNames } from './provider.js';

/** An account elsewhere, as its owner sees it. */
export const identityView = z
  .object({
    id: z.uuid(),
    provider: z.enum(providerNames),
    email: z.string().meta({ description: 'The address that it last had there.' }),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime(),
  })
  .meta({ id: 'Identity' });
export type IdentityView = z.output<typeof identityView>;

export function presentIdentity(identity: Identity): IdentityView {
  const { id, provider, email, createdAt, lastUsedAt } = identity;
  return {
    id,
    provider,
    email,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt.toISOString(),
  };
}
