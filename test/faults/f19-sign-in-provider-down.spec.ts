import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { eventually } from '../support/client.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instances } from '../support/instances.js';
import { metric } from '../support/metrics.js';
import { OAuthBrowser } from '../support/oauth-browser.js';
import { startOidcProvider } from '../support/oidc-provider.js';
import { freePort } from '../support/process.js';

const PUBLIC_URL = 'https://api.example.test';

describe('a provider of sign-in that is down', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());

  degrades(
    {
      id: 'F19',
      dependency: 'Google or GitHub',
      fault: 'down',
      works: 'everything else: passwords, sessions, and the other provider',
      lost: 'signing in with it: 503 with `Retry-After`',
      seen: '`circuit_breaker_state{name="oauth_google"}` 2',
    },
    async () => {
      const port = await freePort();
      const { app, client } = await instances.start({
        PUBLIC_URL,
        GOOGLE_CLIENT_ID: 'mainstay-test',
        GOOGLE_CLIENT_SECRET: 'a-secret-of-the-client-of-these-tests',
        MAINSTAY__OAUTH__GOOGLE__ISSUER: `http://127.0.0.1:${port}`,
        MAINSTAY__RESILIENCE__BREAKER_FAILURES: '2',
        MAINSTAY__RESILIENCE__BREAKER_PROBE_SECONDS: '1',
      });
      const begin = () => new OAuthBrowser(client, PUBLIC_URL).begin('google');
      for (let attempt = 0; attempt < 3; attempt++) {
        const { status, problem, headers } = await begin();
        expect([status, problem.code]).toEqual([503, 'dependency_unavailable']);
        expect(headers.get('retry-after')).toMatch(/^\d+$/);
      }
      const breaker = () => metric(client, 'circuit_breaker_state', { name: 'oauth_google' });
      expect(await breaker()).toBe(2);
      const ada = await client.account('ada');
      const login = { identifier: ada.username, password: ada.password };
      expect((await client.post('/api/v1/auth/login', login)).status).toBe(200);
      expect((await client.get('/readyz')).status).toBe(200);

      const callback = `${PUBLIC_URL}/api/v1/auth/oauth/google/callback`;
      const provider = await startOidcProvider(callback, port);
      await eventually(async () => expect((await begin()).status).toBe(302));
      expect(await breaker()).toBe(0);
      expect(await app.stop()).toBe(0);
      await provider.stop();
    },
  );
});
