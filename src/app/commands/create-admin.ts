/**
 * `npm run admin:create`: makes an administrator, in the database of DATABASE_URL or the embedded one,
 * also beside a running application, and ends.
 */
import '../preflight.js';
import 'reflect-metadata';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { CreateAdmin, type AdminCreated } from '../../modules/auth/auth.contract.js';
import { loadConfig, valueOf } from '../../platform/config/load-config.js';
import { version } from '../../platform/config/version.js';
import { dataDirectory } from '../../platform/config/data-directory.js';
import { databaseConfig } from '../../platform/database/database.config.js';
import { useDatabase } from '../../platform/database/use-database.js';
import { Lifecycle } from '../../platform/lifecycle/lifecycle.js';
import { configureLogger, flushLogs } from '../../platform/logging/logger.js';
import { loggingConfig } from '../../platform/logging/logging.config.js';
import { DEFAULT_TENANT } from '../../platform/security/principal.js';
import { createApp } from '../create-app.js';
import { exitWithReason } from '../exit-with-reason.js';
import '../every-section.js';

const USAGE = `Usage: npm run admin:create -- --email ada@example.com [options]

  --email <address>    of the account; one that exists becomes an administrator and keeps its password
  --username <name>    of a new account; made of the address without it
  --tenant <id>        whose administrator; "${DEFAULT_TENANT}" without it
  --force              accepts an account whose address was never verified
  --password-stdin     reads the password of a new account from stdin; generated without it
`;

try {
  const options = readOptions();
  const configuration = loadConfig();
  // What this prints is for people; the log says only what is wrong.
  const logging = { ...valueOf(configuration, loggingConfig), level: 'warn' } as const;
  await configureLogger(logging, { role: 'create-admin', version });
  const place = placeOf(valueOf(configuration, databaseConfig).url);
  const stopDatabase = await useDatabase(configuration);
  let result: AdminCreated;
  try {
    const app = await createApp('auth', configuration);
    try {
      await app.init();
      result = await app.get(CreateAdmin, { strict: false }).execute({
        tenantId: options.tenant ?? DEFAULT_TENANT,
        email: options.email,
        username: options.username,
        force: options.force,
        password: options['password-stdin'] ? withoutLineEnd(await text(process.stdin)) : undefined,
      });
    } finally {
      await app.get(Lifecycle).stop();
      await app.close();
    }
  } finally {
    await stopDatabase();
  }
  await flushLogs();
  report(result, place);
} catch (error) {
  await exitWithReason(error);
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        email: { type: 'string' },
        username: { type: 'string' },
        tenant: { type: 'string' },
        force: { type: 'boolean' },
        'password-stdin': { type: 'boolean' },
      },
    });
    const { email, ...others } = values;
    if (email !== undefined) return { email, ...others };
    process.stderr.write(`--email is missing.\n\n${USAGE}`);
  } catch (error) {
    // What parseArgs says names the option, never its value.
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
  }
  return process.exit(1);
}

/** Of `echo` and of files; a password may well end with a space. */
function withoutLineEnd(given: string): string {
  return given.replace(/\r?\n$/, '');
}

/** Whoever runs it with other settings than the application has makes somebody for another database. */
function placeOf(url: string | undefined): string {
  if (url === undefined) return `the embedded database under ${dataDirectory()}`;
  const { host, pathname } = new URL(url);
  return `the database ${pathname.slice(1)} at ${host}`;
}

function report(result: AdminCreated, place: string): void {
  if (result.outcome === 'refused') {
    process.stderr.write(`${result.reason}\n`);
    process.exitCode = 1;
    return;
  }
  process.stdout.write(`${sentenceOf(result, place)}\n`);
}

function sentenceOf(result: Exclude<AdminCreated, { outcome: 'refused' }>, place: string): string {
  const { username } = result;
  if (result.outcome === 'created') {
    const made = `The administrator ${username} was created in ${place}.`;
    if (result.password === null) return made;
    return `${made}\nPassword: ${result.password}\nIt is shown this once: keep it, or change it after the first login.`;
  }
  const known =
    result.outcome === 'promoted'
      ? `${username} is an administrator now, with the password that the account has.`
      : `${username} is an administrator already.`;
  if (result.emailVerified) return known;
  return `${known}\nThe address was never verified: make sure that the account is its owner's.`;
}
