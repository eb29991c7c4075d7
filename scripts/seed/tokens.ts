import { writeFile } from 'node:fs/promises';
import type { ClientBase } from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { IssueAccessToken } from '../../src/modules/auth/keys/issue-access-token.ts';
import { ROLES, TENANT, type SeededUser } from './accounts.ts';
import { UsageError } from './arguments.ts';
import { insertAll } from './bulk-insert.ts';
import { DAY_MS, TOKEN_LIFE_SECONDS } from './times.ts';

/**
 * Opens a session for some of the accounts, evenly over all of them, and writes their access tokens
 * as JSON Lines: `{"userId","username","token"}`. The file is readable by its owner alone.
 *
 * @returns how many
 */
export async function writeTokens(
  client: ClientBase,
  file: string,
  users: readonly SeededUser[],
  max: number,
  issue: IssueAccessToken,
): Promise<number> {
  const count = Math.min(max, users.length);
  const holders = Array.from({ length: count }, (_, index) => ({
    user: users[Math.floor((index * users.length) / count)] as SeededUser,
    sessionId: uuidv7(),
  }));
  const now = Date.now();
  const sessions = holders.map(({ user, sessionId }) => ({
    id: sessionId,
    tenant_id: TENANT,
    user_id: user.id,
    ip: '127.0.0.1',
    device: 'seed',
    created_at: new Date(now),
    last_used_at: new Date(now),
    expires_at: new Date(now + DAY_MS),
    token_expires_at: new Date(now + TOKEN_LIFE_SECONDS * 1000),
  }));
  await insertAll(client, 'auth.sessions', sessions);

  const lines = await Promise.all(
    holders.map(async ({ user, sessionId }) => {
      const subject = { id: user.id, tenantId: TENANT, roles: ROLES };
      const { accessToken } = await issue.execute(subject, sessionId);
      return `${JSON.stringify({ userId: user.id, username: user.username, token: accessToken })}\n`;
    }),
  );
  await writeFile(file, lines.join(''), { mode: 0o600 });
  return count;
}

/** @throws UsageError when the file cannot be written: better before the work than after it */
export async function checkWritable(file: string): Promise<void> {
  try {
    await writeFile(file, '', { mode: 0o600 });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new UsageError(`--tokens: ${file} cannot be written (${reason}).`);
  }
}
