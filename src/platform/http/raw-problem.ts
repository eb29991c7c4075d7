import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { AppError } from '../errors/app-error.js';
import { platformErrors } from '../errors/platform.errors.js';
import { toProblem } from '../errors/problem.js';
import { errorsTotal } from '../metrics/platform.telemetry.js';
import { requestIdFrom } from './request-id.js';
import { securityHeaders } from './security-headers.js';

/** What Node's parser refuses, by its error code; everything else is a malformed request. */
const byCode = new Map([
  ['HPE_HEADER_OVERFLOW', platformErrors.headers_too_large],
  ['ERR_HTTP_REQUEST_TIMEOUT', platformErrors.request_timeout],
]);

/** A client that does not hang up after its refusal is cut off. */
const LINGER_MS = 2000;

/** An error that is answered outside of any request's context: its text, and its headers. */
export interface RawProblem {
  text: string;
  /** Names and values in turns. */
  headers: string[];
}

/**
 * Prepares such answers: what is the same in all of them is made once, since refusing must cost
 * little above all else.
 *
 * @returns the answer to a request for `instance` with this id
 */
export function prepareProblem(
  error: AppError,
): (instance: string, requestId: string) => RawProblem {
  const fixed = Object.entries({
    ...securityHeaders,
    'content-type': 'application/problem+json; charset=utf-8',
    ...error.options.headers,
  }).flat();
  const { type, title, status, detail, code } = toProblem(error, '');
  const body = JSON.stringify({ type, title, status, detail, code }).slice(0, -1);
  return (instance, requestId) => {
    const text = `${body},"instance":${JSON.stringify(instance)},"requestId":"${requestId}"}`;
    const length = String(Buffer.byteLength(text));
    return { text, headers: [...fixed, 'content-length', length, 'x-request-id', requestId] };
  };
}

/** Answers what Node's parser refuses, or what did not arrive in time, and closes the connection. */
export function refuseConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  // An answer is on its way already: a second one would be read as a part of it.
  const { _httpMessage: answer } = socket as Socket & { _httpMessage?: ServerResponse };
  if (answer?.headersSent) return socket.destroySoon();
  const refusal = (byCode.get(error.code ?? '') ?? platformErrors.malformed_request)();
  answerOn(socket, refusal, '/', requestIdFrom(undefined));
}

/** Answers on a connection that no response belongs to, and closes it. */
export function answerOn(
  socket: Socket,
  refusal: AppError,
  instance: string,
  requestId: string,
): void {
  errorsTotal.inc({ code: refusal.code });
  const { text, headers } = prepareProblem(refusal)(instance, requestId);
  const lines = ['connection: close'];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  const status = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`;
  socket.end(`${[status, ...lines].join('\r\n')}\r\n\r\n${text}`);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
