import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AppError } from '../../../platform/errors/app-error.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { answerOn, prepareProblem } from '../../../platform/http/raw-problem.js';
import { requestIdFrom } from '../../../platform/http/request-id.js';
import { shownPath } from '../../../platform/security/secrets-in-url.js';
import { realtimeTelemetry } from '../realtime.telemetry.js';

/** The answer to an upgrade that is refused: a problem like that of any other request. */
export function presentRefusal(
  error: AppError,
  url: string,
  requestId: string,
): { text: string; headers: Record<string, string> } {
  realtimeTelemetry.upgradeRefused(error.code);
  const { text, headers: list } = prepareProblem(error)(shownPath(url), requestId);
  const headers: Record<string, string> = {};
  if (error.status === 401) headers['WWW-Authenticate'] = 'Bearer';
  // `ws` has defaults of its own, which only names that are written like them replace.
  for (let i = 0; i < list.length; i += 2) headers[capitalised(list[i] ?? '')] = list[i + 1] ?? '';
  return { text, headers };
}

/** Answers a handshake that is none: a version or a key that RFC 6455 does not know. */
export function refuseHandshake(socket: Socket, { headers, url = '/' }: IncomingMessage): void {
  const malformed = platformErrors.malformed_request({
    detail: 'This is no handshake of a WebSocket (RFC 6455, version 13).',
    headers: { 'sec-websocket-version': '13' },
  });
  answerOn(socket, malformed, shownPath(url), requestIdFrom(headers['x-request-id']));
}

const capitalised = (name: string): string => name.replace(/\b[a-z]/g, (c) => c.toUpperCase());
