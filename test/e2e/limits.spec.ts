import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SocketClient } from '../../scripts/socket-client.ts';
import { Client, type Account } from '../support/client.js';
import { deploy, type Deployment } from '../support/deployment.js';

describe('limits', () => {
  let deployment: Deployment;
  let client: Client;
  let ada: Account;

  beforeAll(async () => {
    deployment = await deploy({
      MAINSTAY__LIMITS__ENABLED: 'true',
      MAINSTAY__LIMITS__API__LIMIT: '8',
      MAINSTAY__LIMITS__HANDSHAKE__LIMIT: '3',
      MAINSTAY__REALTIME__ORIGINS: 'https://app.example.com',
    });
    client = new Client(deployment.url);
    ada = await client.account('ada');
  });
  afterAll(() => deployment.stop());

  it('A14 answers the 6th auth attempt of a minute from one address with 429, and others are served', async () => {
    const attempt = () =>
      client.post('/api/v1/auth/login', { identifier: ada.username, password: 'wrong' });
    const statuses: number[] = [];
    for (let n = 0; n < 5; n++) statuses.push((await attempt()).status);
    expect(statuses).toEqual([401, 401, 401, 401, 429]); // the registration was the first of five
    expect((await client.get('/api/v1/users/me', ada.token)).status).toBe(200);
  });

  it('tells of the tightest limit on every answer, and how long to wait on 429', async () => {
    const answers = [];
    for (let n = 0; n < 9; n++) answers.push(await client.get('/api/v1/users/me', ada.token));
    const [first] = answers;
    expect(first?.headers.get('x-ratelimit-limit')).toBe('8');
    expect(Number(first?.headers.get('x-ratelimit-remaining'))).toBeLessThan(8);
    expect(Number(first?.headers.get('x-ratelimit-reset'))).toBeGreaterThan(Date.now() / 1000);
    const refused = answers.at(-1);
    expect([refused?.status, refused?.body.code]).toEqual([429, 'rate_limited']);
    expect(refused?.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(refused?.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(refused?.body.detail).toContain('exponentially with jitter');
  });

  it('R1 is not moved by forwarding headers of an untrusted peer', async () => {
    const spoofed = await client.post(
      '/api/v1/auth/login',
      { identifier: 'a', password: 'b' },
      undefined,
      {
        'x-forwarded-for': '203.0.113.9',
        forwarded: 'for=203.0.113.9',
        'x-real-ip': '203.0.113.9',
      },
    );
    expect(spoofed.status).toBe(429);
  });

  it('leaves probes, metrics and public keys alone', async () => {
    for (let n = 0; n < 12; n++) {
      for (const path of ['/healthz', '/readyz', '/.well-known/jwks.json']) {
        const { status, headers } = await client.get(path);
        expect([status, headers.get('x-ratelimit-limit')]).toEqual([200, null]);
      }
    }
  });

  it('counts socket upgrades by address', async () => {
    const upgrade = () =>
      new Promise<number>((resolve) => {
        const { socket } = new SocketClient(deployment.url);
        socket.on('unexpected-response', (_request, response) => {
          expect(response.headers['retry-after']).toMatch(/^[1-9]\d*$/);
          resolve(response.statusCode ?? 0);
        });
        socket.on('open', () => {
          socket.close();
          resolve(101);
        });
      });
    expect([await upgrade(), await upgrade(), await upgrade(), await upgrade()]).toEqual([
      101, 101, 101, 429,
    ]);
  });
});
