import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Client } from '../support/client.js';
import { newcomer, startLimited, type Limited } from './limited.js';

describe('an account whose API key was stolen', () => {
  let stage: Limited;
  let client: Client;
  beforeAll(async () => {
    stage = await startLimited(1, { hourly: [10, 3600], writes: [8, 3600] });
    client = stage.clients[0] as Client;
  });
  afterAll(() => stage.stop());

  it('can be secured by its owner, though the thief has used up its limits of the hour', async () => {
    const ada = await newcomer(client);
    const call = (method: string, path: string, body?: unknown, token = ada.token) =>
      client.call(method, `/api/v1/auth/${path}`, { token, ...(body !== undefined && { body }) });
    const wanted = { name: 'stolen', scopes: ['posts:write', 'account:read'] };
    const made = await call('POST', 'api-keys', wanted);
    expect(made.status).toBe(201);
    const { id, key } = made.body;
    const { username: identifier, password } = ada;
    const login = await client.post('/api/v1/auth/login', { identifier, password });
    const phone = String(decodeJwt(login.body.accessToken)['sid']);
    let last = 0;
    for (let n = 0; n < 12; n++) last = (await client.get('/api/v1/users/me', key)).status;
    expect(last).toBe(429);
    expect((await client.get('/api/v1/users/me', ada.token)).status).toBe(429);

    expect((await call('DELETE', `api-keys/${id}`)).status).toBe(204);
    expect((await call('DELETE', `sessions/${phone}`)).status).toBe(204);
    const newPassword = 'a new one nobody guesses';
    const change = { currentPassword: ada.password, newPassword };
    expect((await call('POST', 'password/change', change)).status).toBe(204);
    expect((await call('DELETE', 'sessions?except=current')).status).toBe(204);
    expect((await call('POST', 'logout')).status).toBe(204);
  });
});
