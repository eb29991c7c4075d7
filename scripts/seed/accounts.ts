import { randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { Application } from './application.ts';
import { pick } from './random.ts';
import { personName, sentence } from './text.ts';
import { DAY_MS, SPREAD_DAYS } from './times.ts';

/** A seeded account, as the other steps need it. */
export interface SeededUser {
  id: string;
  username: string;
}

export const TENANT = 'default';
export const ROLES = ['user'];

/** A row of `auth.users`. */
export interface AccountRow {
  id: string;
  tenant_id: string;
  email: string;
  email_key: string;
  username: string;
  username_key: string;
  username_skeleton: string;
  display_name: string;
  bio: string;
  password_hash: string;
  roles: string[];
  created_at: Date;
  updated_at: Date;
}

const BIO_SHARE = 0.6;
const ACCOUNT_DAYS = 365;

/**
 * Accounts that are older than every post. A tag drawn for each run is part of the names, so that
 * no run's names meet those of another.
 *
 * @param keyOf how the application compares names
 */
export function makeAccounts(
  count: number,
  passwordHash: string,
  keyOf: Application['keyOf'],
): AccountRow[] {
  // Decimal: letters beside digits could be taken for them (`l` and 1), and such names count as one.
  const run = randomInt(10_000_000);
  return Array.from({ length: count }, (_, index) => {
    const { first, last } = personName();
    const username = `${first}.${last}.${run}-${index}`.toLowerCase();
    const email = `${username}@example.com`;
    const age = SPREAD_DAYS + Math.random() * (ACCOUNT_DAYS - SPREAD_DAYS);
    const createdAt = new Date(Date.now() - age * DAY_MS);
    return {
      id: uuidv7({ msecs: createdAt.getTime() }),
      tenant_id: TENANT,
      email,
      email_key: keyOf.email(email),
      username,
      username_key: keyOf.username(username),
      username_skeleton: keyOf.skeleton(username),
      display_name: `${first} ${last}`,
      bio: Math.random() < BIO_SHARE ? `${sentence(pick([4, 8, 14]))}.` : '',
      password_hash: passwordHash,
      roles: ROLES,
      created_at: createdAt,
      updated_at: createdAt,
    };
  });
}
