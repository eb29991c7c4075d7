import { describe, expect, it } from '@jest/globals';
import { ClientError, ResponseBodyError } from 'openid-client';
import { AppError } from '../../../platform/errors/app-error.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { isProviderDown, refusalOf, UnexpectedAnswer } from './provider-failures.js';

const clientError = (code?: string, cause?: unknown): ClientError =>
  Object.assign(new ClientError('it failed', { cause }), { code });
const bodyError = (status: number, error: string): ResponseBodyError =>
  new ResponseBodyError('it says no', {
    cause: { error },
    response: new Response(null, { status }),
  });
const answered = (status: number) =>
  clientError('OAUTH_RESPONSE_IS_NOT_CONFORM', new Response(null, { status }));

describe('isProviderDown', () => {
  it.each([
    ['a refused connection', new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })],
    ['a reset connection', Object.assign(new Error('cut'), { code: 'ECONNRESET' })],
    ['a connection lost on the way', clientError(undefined, new TypeError('x', { cause: {} }))],
    ['an answer that took too long', clientError('OAUTH_TIMEOUT')],
    ['a body that took too long', new DOMException('late', 'TimeoutError')],
    ['a call that was given up', Object.assign(new Error('x'), { isTaskCancelledError: true })],
    ['a page instead of JSON', clientError('OAUTH_RESPONSE_IS_NOT_JSON')],
    ['500', answered(500)],
    ['429', answered(429)],
    ['503 with a code', bodyError(503, 'temporarily_unavailable')],
    ['502 of the API', new UnexpectedAnswer(502)],
  ])('is so by %s', (_what, error) => {
    expect(isProviderDown(error)).toBe(true);
    expect(refusalOf('google', error)).toMatchObject({ code: 'dependency_unavailable' });
  });

  it.each([
    ['a code that was used before', bodyError(400, 'invalid_grant')],
    ['a secret that is not accepted', bodyError(401, 'invalid_client')],
    ['a nonce that does not fit', clientError('OAUTH_JWT_CLAIM_COMPARISON_FAILED')],
    ['404', answered(404)],
    ['403 of the API', new UnexpectedAnswer(403)],
  ])('is not so by %s', (_what, error) => {
    expect(isProviderDown(error)).toBe(false);
    expect(refusalOf('google', error)).toMatchObject({ code: 'oauth_refused' });
  });

  it('is not so by a fault of ours, which stays what it is', () => {
    for (const fault of [new TypeError('x is undefined'), new Error('x'), undefined]) {
      expect(isProviderDown(fault)).toBe(false);
      expect(refusalOf('google', fault)).toBe(fault);
    }
    const error = platformErrors.overloaded();
    expect(refusalOf('google', error)).toBe(error);
    expect(error).toBeInstanceOf(AppError);
  });
});
