import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInstances, type Instance, type Instances } from '../support/instances.js';
import { metric } from '../support/metrics.js';
import { behindProxy, from, limited } from './limited.js';

const FREE = 10;
const REPLICAS = 2;

describe('guesses at one account, without Redis', () => {
  let instances: Instances;
  let instance: Instance;
  beforeAll(async () => {
    instances = await createInstances();
    const env = { REPLICAS: String(REPLICAS), ...limited({}), ...behindProxy };
    instance = await instances.start(env);
  });
  afterAll(async () => {
    expect(await instance.app.stop()).toBe(0);
    await instances.clean();
  });

  it('A15 are slowed by each instance after its share of the failures', async () => {
    const { client } = instance;
    const ada = await client.account('ada', from('192.0.2.7'));
    const guess = (n: number) =>
      client.post(
        '/api/v1/auth/login',
        { identifier: ada.username, password: 'wrong' },
        undefined,
        from(`198.51.100.${n}`),
      );
    const slowed = () => metric(client, 'password_attempts_slowed_total');
    const share = FREE / REPLICAS;
    for (let n = 0; n < share; n++) expect((await guess(n)).status).toBe(401);
    expect(await slowed()).toBe(0);
    for (let n = 0; n < 3; n++) expect((await guess(100 + n)).status).toBe(401);
    expect(await slowed()).toBe(3);
  });
});
