import { STATUS_CODES } from 'node:http';
import { v7 as uuidv7 } from 'uuid';
import type { AppError } from '../errors/app-error.js';
import { platformErrors } from '../errors/platform.errors.js';
import { toProblem } from '../errors/problem.js';

/** What Node's parser refuses, by its error code; everything else is a malformed request. */
const byCode = new Map([
  ['HPE_HEADER_OVERFLOW', platformErrors.headers_too_large],
  ['ERR_HTTP_REQUEST_TIMEOUT', platformErrors.request_timeout],
]);

export function parserError(code: string | undefined): AppError {
  return (byCode.get(code ?? '') ?? platformErrors.malformed_request)();
}

/**
 * A whole HTTP answer as text, for connections that have no request yet, or none of ours: what the
 * parser refuses, and upgrades that are refused. Closes the connection.
 */
export function rawProblem(error: AppError, instance: string): string {
  const requestId = uuidv7();
  const body = JSON.stringify({ ...toProblem(error, instance), requestId });
  const headers = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
    connection: 'close',
    ...error.options.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const status = `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`;
  return `${[status, ...lines].join('\r\n')}\r\n\r\n${body}`;
}
