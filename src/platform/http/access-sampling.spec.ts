import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { loggingConfig } from '../logging/logging.config.js';
import { accessSampling } from './access-sampling.js';

describe('accessSampling', () => {
  beforeEach(() => {
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const keeps = accessSampling(
    loggingConfig.schema.parse({
      slowMs: 200,
      sampling: { reads: 0.4, writes: 0.6, routes: { 'GET /a/:id': 0.6, 'PUT /a/:id': 0 } },
    }),
  );

  it('asks the route first, then its kind', () => {
    expect(keeps('GET', '/a/:id', 200, 0)).toBe(true);
    expect(keeps('HEAD', '/a/:id', 200, 0)).toBe(false);
    expect(keeps('PUT', '/a/:id', 204, 0)).toBe(false);
    expect(keeps('GET', '/b', 200, 0)).toBe(false);
    expect(keeps('POST', '/b', 201, 0)).toBe(true);
  });

  it('keeps errors and what was slow', () => {
    expect(keeps('PUT', '/a/:id', 404, 0)).toBe(true);
    expect(keeps('PUT', '/a/:id', 204, 0.2)).toBe(true);
  });
});
