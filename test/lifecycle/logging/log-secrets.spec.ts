import { describe, expect, it } from '@jest/globals';
import { Client } from '../../support/client.js';
import { createInstances } from '../../support/instances.js';
import { run } from '../../support/process.js';
import { keepSecret, leakIn } from '../../support/secrets.js';

/** Every process of every test is read for secrets when it ends: here it is seen that this can fail. */
describe('the logs of the whole test run', () => {
  const printing = (text: string, stream: 'stdout' | 'stderr' = 'stdout') =>
    run(['-e', `process.${stream}.write(${JSON.stringify(`${text}\n`)})`], {});

  it.each([
    ['an access token', `{"msg":"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"}`],
    ['a refresh token', `mr_${'a'.repeat(22)}.${'b'.repeat(43)}`],
    ['an API key', `key mk_${'c'.repeat(43)}`],
    ['a private key', '-----BEGIN PRIVATE KEY-----'],
    ['a password hash', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA'],
    ['a password hash', '$2b$10$abcdefghijklmnopqrstuv'],
    ['an e-mail address', '{"to":"ada.lovelace@example.com"}'],
    ['an e-mail address', 'user=ада@пример.рф'],
    ['a password', `{"body":"${keepSecret('a password of this very test')}"}`],
  ])('may not hold %s', async (name, line) => {
    expect(leakIn(line)).toBe(name);
    for (const stream of ['stdout', 'stderr'] as const) {
      const app = printing(`before\n${line}\nafter`, stream);
      await app.exited;
      await expect(app.stop()).rejects.toThrow(`wrote ${name} to its log`);
    }
  });

  it('may hold what stands in their place', async () => {
    const line =
      '{"email":"a***@d***","msg":"eyJ… [redacted]","url":"postgres://u:***@127.0.0.1:5432/x","p":"@nestjs/core"}';
    const app = printing(line);
    await app.exited;
    expect(await app.stop()).toBe(0);
  });

  it('are read of an application as it is: it says nothing of the secrets that it was given', async () => {
    const instances = await createInstances();
    const { app, client } = await instances.start({ LOG_LEVEL: 'debug' });
    const ada = await client.account('ada');
    const other = new Client(client.url);
    await other.post('/api/v1/auth/login', { identifier: ada.email, password: 'wrong password' });
    await other.get('/api/v1/users/me', `${ada.token}x`);
    await app.log(({ event }) => event === 'login_refused');
    expect(await app.stop()).toBe(0);
    await instances.clean();
  });
});
