import { FolderLockError } from '../platform/database/folder-lock.js';
import { EmbeddedPostgresError } from '../platform/database/embedded-postgres.js';
import { ConfigurationError } from '../platform/config/load-config.js';
import { endProcess, loggerOf } from '../platform/logging/logger.js';

const log = loggerOf('app');

/** Ends a start that failed: one clear reason on stderr, exit code 1. */
export async function exitWithReason(error: unknown): Promise<never> {
  const reason = explain(error);
  if (reason) process.stderr.write(`\nMainstay cannot start.\n${reason}\n`);
  else log.fatal({ err: error, event: 'start_failed' }, 'Mainstay cannot start');
  return endProcess(1);
}

/** What the person at the terminal can do about it; undefined when it is a fault of ours. */
function explain(error: unknown): string | undefined {
  if (
    error instanceof ConfigurationError ||
    error instanceof EmbeddedPostgresError ||
    error instanceof FolderLockError
  )
    return error.message;
  if (!(error instanceof Error)) return undefined;
  const { code, port, address } = error as NodeJS.ErrnoException & {
    port?: number;
    address?: string;
  };
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use. Stop what listens there, or choose another: PORT=3001 npm start`;
  }
  if (code === 'EACCES' && port !== undefined)
    return `Port ${port} needs rights that this user does not have; set PORT.`;
  if (code === 'EADDRNOTAVAIL')
    return `This machine has no address ${address}; set HOST to one that it has.`;
  if ((error as { syscall?: string }).syscall === 'getaddrinfo' && port === undefined) {
    const { hostname } = error as { hostname?: string };
    return `The name "${hostname}" cannot be resolved (${code}). Is HOST or DATABASE_URL right?`;
  }
  if (code && /^(ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|ECONNRESET)$/.test(code)) {
    const where = address && port ? ` at ${address}:${port}` : '';
    return `The database does not answer${where} (${code}). Is DATABASE_URL right, and is the server running?`;
  }
  if (code === '28P01' || code === '28000')
    return 'The database refuses the user or the password of DATABASE_URL.';
  if (code === '53300')
    return 'The database has no connection left. Raise its max_connections, or lower database.pool.budget.';
  if (code === '3D000')
    return 'The database named in DATABASE_URL does not exist: create it first.';
  if (error.message.includes('timeout'))
    return `The database does not answer in time (${error.message}).`;
  return undefined;
}
