import type { AppError } from '../../../platform/errors/app-error.js';
import { prepareProblem } from '../../../platform/http/raw-problem.js';
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

const capitalised = (name: string): string => name.replace(/\b[a-z]/g, (c) => c.toUpperCase());
