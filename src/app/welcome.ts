import { join } from 'node:path';
import { dataDirectory } from '../platform/config/data-directory.js';
import { valueOf, type Configuration } from '../platform/config/load-config.js';
import { consoleConfig } from '../platform/console/console.config.js';
import { loggingConfig } from '../platform/logging/logging.config.js';
import { securityConfig } from '../platform/security/security.config.js';
import type { Role } from './roles.js';

/**
 * Tells the person at the terminal where everything is; machines read the log record instead. Where they
 * read stdout, it holds records alone, one a line.
 */
export function printWelcome(role: Role, url: string, configuration: Configuration): void {
  const isPretty = valueOf(configuration, loggingConfig).format === 'pretty';
  const output = isPretty ? process.stdout : process.stderr;
  const isWatched = isPretty || output.isTTY || process.env['NODE_ENV'] !== 'production';
  if (role !== 'all' || !isWatched) return;
  output.on('error', () => undefined); // who closes it has seen enough
  const base = url.replace('0.0.0.0', 'localhost').replace('[::]', 'localhost');
  output.write(
    [
      '',
      `  Mainstay is ready    ${base}`,
      `  API documentation    ${base}/docs`,
      `  Probes               ${base}/healthz  ${base}/readyz`,
      `  Metrics              ${base}/metrics`,
      ...consoleLines(base, configuration),
      '',
      `  Try it in another terminal:  ${base.endsWith(':3000') ? '' : `MAINSTAY_URL=${base} `}npm run demo`,
      '',
      '',
    ].join('\n'),
  );
}

/** Where the console is and what it asks for; the key itself is nothing for a terminal's history. */
function consoleLines(base: string, configuration: Configuration): string[] {
  if (!valueOf(configuration, consoleConfig).enabled) return [];
  const { internalApiKeys } = valueOf(configuration, securityConfig);
  const isDevelopment = internalApiKeys.length === 0 && process.env['NODE_ENV'] !== 'production';
  const password = isDevelopment
    ? `what is in ${join(dataDirectory(), 'internal-api-key')}`
    : 'one of INTERNAL_API_KEYS';
  return [
    `  Console              ${base}/console`,
    `                       any user name; the password is ${password}`,
  ];
}
