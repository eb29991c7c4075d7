import { describe, expect, it } from '@jest/globals';
import { accessLine, timeText } from './access-line.js';

const work = { requestId: 'r-1', traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startedAt: 0 };
const access = { method: 'GET', endpoint: '/api/v1/posts/:id', status: 200, durationMs: 1.234 };

describe('the access record', () => {
  it('is one line of JSON with the fields of the contract', () => {
    const line = accessLine('"service":"mainstay"', timeText(), work, access);
    expect(line.endsWith('}\n')).toBe(true);
    expect(JSON.parse(line)).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'mainstay',
      module: 'http',
      request_id: 'r-1',
      trace_id: work.traceId,
      span_id: work.spanId,
      event: 'request',
      method: 'GET',
      endpoint: '/api/v1/posts/:id',
      status: 200,
      duration_ms: 1.234,
      msg: 'request',
    });
  });

  it('stays valid, whatever stands in a token', () => {
    const odd = '"\n{}\u2028';
    const principal = {
      userId: odd,
      tenantId: odd,
      sessionId: 's',
      roles: [],
      issuedAt: 0,
      expiresAt: 0,
    };
    const line = accessLine('"a":1', timeText(), { ...work, principal, tenantId: odd }, access);
    expect(line.split('\n')).toHaveLength(2);
    expect(JSON.parse(line)).toMatchObject({ user_id: odd, tenant_id: odd });
  });
});
