import { email as emailSchema } from '../accounts/account.schemas.js';
import type { ForeignAccount } from './provider.js';

/** What a provider says, of whatever type it is. */
interface Said {
  subject: string;
  email: unknown;
  isVerified: boolean;
  name: unknown;
  username: unknown;
}

/** Keeps of what a provider says what has the form that it should have. */
export function providerAccount(said: Said): ForeignAccount {
  const email = emailSchema.safeParse(said.email);
  return {
    subject: said.subject,
    verifiedEmail: said.isVerified && email.success ? email.data : undefined,
    name: textOf(said.name),
    username: textOf(said.username),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}
