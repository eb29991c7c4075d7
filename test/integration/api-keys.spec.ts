import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgApiKeysRepository } from '../../src/modules/auth/api-keys/api-keys.repository.js';
import { hashApiKey, newApiKey } from '../../src/modules/auth/api-keys/api-key.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { openOn } from './support.js';

describe('an API key', () => {
  let test: TestDatabase;
  let keys: PgApiKeysRepository;
  beforeAll(async () => {
    test = await createDatabase();
    keys = new PgApiKeysRepository(await openOn(test));
  });
  afterAll(() => test.drop());

  const user = async (roles = '{user}') => {
    const id = randomUUID();
    const name = randomBytes(6).toString('hex');
    await test.pool.query(
      `INSERT INTO auth.users (id, tenant_id, email, email_key, username, username_key, display_name, roles)
       VALUES ($1, 'default', $2, $2, $2, $2, $2, $3)`,
      [id, name, roles],
    );
    return id;
  };
  const keyOf = async (userId: string) => {
    const [id, hash] = [randomUUID(), hashApiKey(newApiKey())];
    await test.pool.query(
      `INSERT INTO auth.api_keys (id, tenant_id, user_id, name, hash, scopes, created_at, expires_at)
       VALUES ($1, 'default', $2, 'a key', $3, '{posts:read,posts:write}', '2026-01-01T00:00:00.9Z', '2999-01-01T00:00:00Z')`,
      [id, userId, hash],
    );
    return { id, hash };
  };
  const set = (table: string, id: string, assignment: string) =>
    test.pool.query(`UPDATE auth.${table} SET ${assignment} WHERE id = $1`, [id]);

  it('is its account, with the roles of now and no more than its scopes', async () => {
    const userId = await user();
    const { id, hash } = await keyOf(userId);
    const principal = {
      userId,
      tenantId: 'default',
      sessionId: id,
      roles: ['user'],
      scopes: ['posts:read', 'posts:write'],
      issuedAt: expect.any(Number),
      expiresAt: Date.UTC(2999, 0, 1) / 1000,
    };
    const asked = Date.now() / 1000;
    const found = await keys.principalOf(hash);
    expect(found).toEqual(principal);
    // As of now: what was revoked before was looked at.
    expect(found?.issuedAt).toBeGreaterThanOrEqual(asked);
    expect(found?.issuedAt).toBeLessThanOrEqual(Date.now() / 1000 + 0.001);
    await set('users', userId, `roles = '{user,moderator}'`);
    expect(await keys.principalOf(hash)).toEqual({ ...principal, roles: ['user', 'moderator'] });
    expect(await keys.principalOf(hashApiKey(newApiKey()))).toBeUndefined();
  });

  it.each([
    ['api_keys', 'revoked_at = now()', 'revoked_at = NULL'],
    ['api_keys', 'expires_at = now()', `expires_at = now() + interval '1 day'`],
    ['users', 'banned_at = now()', 'banned_at = NULL'],
    ['users', 'deleted_at = now()', 'deleted_at = NULL'],
  ])('is nobody with %s.%s', async (table, end, undo) => {
    const userId = await user();
    const { id, hash } = await keyOf(userId);
    const subject = table === 'users' ? userId : id;
    await set(table, subject, end);
    expect(await keys.principalOf(hash)).toBeUndefined();
    await set(table, subject, undo);
    expect(await keys.principalOf(hash)).toMatchObject({ userId });
  });

  it('notes its use once in a while, and knows nothing of other ids', async () => {
    const { id } = await keyOf(await user());
    const usedAt = async (): Promise<Date | null> => {
      const { rows } = await test.pool.query<{ last_used_at: Date | null }>(
        'SELECT last_used_at FROM auth.api_keys WHERE id = $1',
        [id],
      );
      return rows[0]?.last_used_at ?? null;
    };
    await keys.noteUse([]);
    expect(await usedAt()).toBeNull();
    await keys.noteUse([randomUUID(), id]);
    const first = await usedAt();
    expect(first).toBeInstanceOf(Date);
    await keys.noteUse([id]);
    expect(await usedAt()).toEqual(first);
    await set('api_keys', id, `last_used_at = now() - interval '51 s'`);
    await keys.noteUse([id]);
    expect((await usedAt())?.getTime()).toBeGreaterThanOrEqual(first?.getTime() ?? 0);
  });
});
