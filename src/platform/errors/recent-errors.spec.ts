import { describe, expect, it } from '@jest/globals';
import { runInContext } from '../observability/request-context.js';
import { RecentErrors } from './recent-errors.js';

const fault = { code: 'internal_error', status: 500, route: 'GET /x' };
const within = (userId: string, traceId: string, work: () => void) =>
  runInContext(
    {
      ...{ requestId: `request of ${userId}`, traceId, spanId: '', startedAt: 0 },
      principal: {
        userId,
        tenantId: 'default',
        sessionId: '',
        roles: [],
        issuedAt: 0,
        expiresAt: 0,
      },
    },
    work,
  );

describe('recent errors', () => {
  it('count what repeats, and name its last request and all accounts that met it', () => {
    const errors = new RecentErrors();
    for (const [user, trace] of [
      ['ada', 'a'],
      ['bob', 'b'],
      ['ada', 'c'],
    ] as const)
      within(user, trace, () => errors.add({ ...fault, error: new Error('broken') }));
    errors.add({ code: 'job_failed', status: null, route: 'job mail', error: 'no reason' });
    expect(errors.list()).toMatchObject([
      { code: 'job_failed', message: 'no reason', times: 1, users: 0, traceId: null },
      { message: 'broken', times: 3, users: 2, requestId: 'request of ada', traceId: 'c' },
    ]);
    const [, repeated] = errors.list();
    expect(Date.parse(repeated?.firstAt ?? '')).toBeLessThanOrEqual(Date.parse(repeated?.at ?? ''));
  });

  it('are a hundred kinds at most, and an outage does not push out what else happened', () => {
    const errors = new RecentErrors();
    errors.add({ ...fault, error: new Error('the rare one') });
    for (let n = 0; n < 5000; n++) errors.add({ ...fault, error: new Error('the flood') });
    expect(errors.list().map(({ times }) => times)).toEqual([5000, 1]);
    for (let n = 0; n < 150; n++) errors.add({ ...fault, error: new Error(`kind ${n}`) });
    const messages = errors.list().map(({ message }) => message);
    expect(messages).toHaveLength(100);
    expect([messages[0], messages[99]]).toEqual(['kind 149', 'kind 50']);
  });

  it('keep the beginning of a long message', () => {
    const errors = new RecentErrors();
    errors.add({ ...fault, error: new Error('long '.repeat(1000)) });
    expect(errors.list()[0]?.message).toHaveLength(240);
  });

  it('hide what the log hides', () => {
    const errors = new RecentErrors();
    errors.add({ ...fault, error: new Error('no mail to ada.lovelace@example.com') });
    expect(errors.list()[0]?.message).toBe('no mail to a***@e***');
  });
});
