import type pg from 'pg';
import type { Account, Client } from './client.js';

/**
 * A new administrator, logged in as one. Made by SQL: in the application the first one is made by an
 * operator, and the others by another administrator.
 */
export async function adminAccount(
  client: Client,
  pool: pg.Pool,
  headers: Record<string, string> = {},
): Promise<Account> {
  const account = await client.account('root', headers);
  await pool.query(`UPDATE auth.users SET roles = '{user,admin}' WHERE id = $1`, [account.id]);
  const { username: identifier, password } = account;
  const login = await client.post(
    '/api/v1/auth/login',
    { identifier, password },
    undefined,
    headers,
  );
  const { accessToken: token, refreshToken } = login.body;
  return { ...account, token, refreshToken };
}
