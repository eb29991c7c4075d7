import type { LoggingConfig } from '../platform/logging/logging.config.js';
import type { Role } from './roles.js';

/** Tells the person at the terminal where everything is; machines read the log record instead. */
export function printWelcome(role: Role, url: string, logging: LoggingConfig): void {
  if (
    role !== 'all' ||
    (logging.format !== 'pretty' &&
      !process.stdout.isTTY &&
      process.env['NODE_ENV'] === 'production')
  )
    return;
  process.stdout.on('error', () => undefined); // who closes it has seen enough
  const base = url.replace('0.0.0.0', 'localhost').replace('[::]', 'localhost');
  process.stdout.write(
    [
      '',
      `  Mainstay is ready    ${base}`,
      `  API documentation    ${base}/docs`,
      `  Probes               ${base}/healthz  ${base}/readyz`,
      `  Metrics              ${base}/metrics`,
      '',
      `  Try it in another terminal:  ${base.endsWith(':3000') ? '' : `MAINSTAY_URL=${base} `}npm run demo`,
      '',
      '',
    ].join('\n'),
  );
}
