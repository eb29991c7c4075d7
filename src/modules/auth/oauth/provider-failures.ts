import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { AppError } from '../../../platform/errors/app-error.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { authErrors } from '../auth.errors.js';
import { authTelemetry } from '../auth.telemetry.js';
import type { ProviderName } from './provider.js';

/** The provider answered, but not with what was asked for. */
export class UnexpectedAnswer extends Error {
  /** @param status of the answer */
  constructor(readonly status: number) {
    super(`the provider answered ${status}`);
  }
}

/** Whether the provider itself is the trouble: one that says no works well. */
export function isProviderDown(error: unknown): boolean {
  if (error instanceof ResponseBodyError || error instanceof UnexpectedAnswer)
    return isStatusOfTrouble(error.status);
  if (error instanceof ClientError) {
    if (error.code === 'OAUTH_TIMEOUT' || error.code === 'OAUTH_RESPONSE_IS_NOT_JSON') return true;
    const { cause } = error;
    if (cause instanceof Response) return isStatusOfTrouble(cause.status);
    return error.code === undefined && isLost(cause);
  }
  return isLost(error);
}

/** A connection that broke, time that ran out, or what fetch calls it: a TypeError with a cause. */
function isLost(error: unknown): boolean {
  if (error instanceof TypeError) return error.cause !== undefined;
  const { name, code, isTaskCancelledError } = Object(error) as Record<string, unknown>;
  if (typeof code === 'string' && /^E(?!RR)[A-Z]+$/.test(code)) return true;
  return name === 'TimeoutError' || isTaskCancelledError === true;
}

const isStatusOfTrouble = (status: number): boolean => status >= 500 || status === 429;

/** What to throw when the metadata of a provider, which no user has a part in, cannot be had. */
export function unavailable(provider: ProviderName, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return platformErrors.dependency_unavailable({
    detail: `Signing in with ${provider} is not possible at the moment.`,
    cause,
    headers: { 'retry-after': '5' },
  });
}

/** What to throw when a provider's answer to a flow could not be turned into an account. */
export function refusalOf(provider: ProviderName, error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (isProviderDown(error)) return unavailable(provider, error);
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  authTelemetry.oauthRefused(provider, reason);
  return authErrors.oauth_refused();
}

/** A code for the operators; undefined for what is no answer of the provider but a fault of ours. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof UnexpectedAnswer) return `status_${error.status}`;
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError)
    // Registered names only: the rest of what a provider says is whatever text.
    return /^[a-z_]{1,40}$/.test(error.error) ? error.error : 'unknown_error';
  if (error instanceof WWWAuthenticateChallengeError) return `status_${error.status}`;
  if (error instanceof ClientError) return error.code?.toLowerCase() ?? 'invalid_answer';
  return undefined;
}
