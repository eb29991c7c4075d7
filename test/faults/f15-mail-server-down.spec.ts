import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { eventually } from '../support/client.js';
import { degrades } from '../support/degrades.js';
import { createInstances, type Instances } from '../support/instances.js';
import { startMailServer } from '../support/mail-server.js';
import { metric } from '../support/metrics.js';
import { freePort } from '../support/process.js';

describe('a mail server that is down', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());

  degrades(
    {
      id: 'F15',
      dependency: 'Mail server',
      fault: 'down',
      works: 'everything; mails wait in their queue and go out when it is back, for sixteen hours',
      lost: 'nothing; mails are late',
      seen: '`circuit_breaker_state{name="smtp"}` 2, `job_queue_depth{queue="auth.mail"}`',
    },
    async () => {
      const port = await freePort();
      const { app, client } = await instances.start({
        SMTP_URL: `smtp://127.0.0.1:${port}`,
        MAINSTAY__JOBS__POLL_SECONDS: '0.5',
        MAINSTAY__RESILIENCE__BREAKER_FAILURES: '2',
      });
      // Each is sent a link that proves its address.
      const addresses: string[] = [];
      const register = async (name: string) => addresses.push((await client.account(name)).email);
      for (const name of ['ada', 'ben', 'cleo']) await register(name);
      const breaker = () => metric(client, 'circuit_breaker_state', { name: 'smtp' });
      await eventually(async () => expect(await breaker()).toBe(2));
      await register('dora');
      const ready = await client.get('/readyz');
      expect([ready.status, ready.body.status]).toEqual([200, 'degraded']);

      const server = await startMailServer(port);
      await eventually(() => {
        const recipients = server.received.flatMap((mail) => mail.recipients);
        expect(recipients.sort()).toEqual(addresses.sort());
        return Promise.resolve();
      }, 45_000);
      // The links are as good as new: their ten minutes count from now.
      const token = server.received[0]?.token ?? '';
      expect((await client.post('/api/v1/auth/email/verify', { token })).status).toBe(204);
      expect(await breaker()).toBe(0);
      expect(await app.stop()).toBe(0);
      await server.stop();
    },
  );
});
