import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInstances, type Instances } from '../support/instances.js';

describe('chaos', () => {
  let instances: Instances;
  beforeAll(async () => {
    instances = await createInstances();
  });
  afterAll(() => instances.clean());

  it('makes the faults that are configured, and the application bears them', async () => {
    const { app, client } = await instances.start({
      REDIS_URL: process.env['TEST_REDIS_URL'] ?? '',
      MAINSTAY__LIMITS__ENABLED: 'true',
      MAINSTAY__CHAOS__ENABLED: 'true',
      MAINSTAY__CHAOS__REDIS__DROP_SHARE: '1',
      MAINSTAY__CHAOS__DATABASE__LATENCY_MS: '150',
    });
    const started = performance.now();
    const posts = await client.get('/api/v1/posts');
    expect(posts.status).toBe(200);
    expect(posts.headers.get('x-degraded')).toBe('cache');
    expect(performance.now() - started).toBeGreaterThan(140);
    expect(await app.stop()).toBe(0);
  });
});
