import { HttpException } from '@nestjs/common';
import {
  isConnectionLost,
  isContention,
  isOutOfResources,
  isTooSlow,
} from '../database/database-errors.js';
import { AppError, type ErrorOptions } from './app-error.js';
import { platformErrors } from './platform.errors.js';

const byStatus: Partial<Record<number, (options: ErrorOptions) => AppError>> = {
  400: platformErrors.malformed_request,
  401: platformErrors.unauthenticated,
  403: platformErrors.forbidden,
  404: platformErrors.not_found,
  405: platformErrors.method_not_allowed,
  408: platformErrors.request_timeout,
  413: platformErrors.payload_too_large,
  414: platformErrors.uri_too_long,
  415: platformErrors.unsupported_media_type,
  431: platformErrors.headers_too_large,
};

/** Brings whatever was thrown into the catalogue; what is not known there is a 500. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof HttpException) {
    const factory = byStatus[thrown.getStatus()];
    if (factory) return factory({ cause: thrown });
  }
  if (isFastifyTimeout(thrown)) {
    return platformErrors.overloaded({ cause: thrown, headers: { 'retry-after': '5' } });
  }
  if (isConnectionLost(thrown) || isOutOfResources(thrown)) {
    return platformErrors.dependency_unavailable({
      cause: thrown,
      headers: { 'retry-after': '2' },
    });
  }
  // A transaction was tried several times already: too many want the same rows at once.
  if (isContention(thrown) || isTooSlow(thrown)) {
    return platformErrors.overloaded({ cause: thrown, headers: { 'retry-after': '1' } });
  }
  return platformErrors.internal_error({ cause: thrown });
}

/** A handler that took longer than `http.handlerTimeoutSeconds`. */
const isFastifyTimeout = (thrown: unknown): boolean =>
  thrown instanceof Error && (thrown as { code?: unknown }).code === 'FST_ERR_HANDLER_TIMEOUT';
