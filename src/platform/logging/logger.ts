import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { requestContext } from '../observability/request-context.js';
import type { LoggingConfig } from './logging.config.js';
import { redact, redactText } from './redact.js';

/** What every record says of the process that wrote it. */
export interface LogIdentity {
  role: string;
  version: string;
}

/** The fields that the context of the work at hand adds to a record. */
function contextFields(): Record<string, unknown> {
  const context = requestContext();
  if (!context) return {};
  return {
    request_id: context.requestId,
    trace_id: context.traceId,
    ...(context.spanId && { span_id: context.spanId }),
    ...(context.principal && { user_id: context.principal.userId }),
    ...(context.tenantId && { tenant_id: context.tenantId }),
  };
}

/**
 * The process's logger. It exists from the first line on, so that a failure during the start is
 * logged like any other; `configureLogger` gives it its level, format and identity.
 */
export let log: Logger = pino({ level: earlyLevel() });

/**
 * The same for records whose fields are all our own, as the access log's: nothing of a caller is in
 * them that could need redaction, so they do without the walk through their fields.
 */
export let plainLog: Logger = log;

export function configureLogger(config: LoggingConfig, identity: LogIdentity): Logger {
  const destination = config.format === 'pretty' ? prettyDestination() : bufferedStdout();
  const plain: LoggerOptions = {
    level: config.level,
    base: { service: 'mainstay', role: identity.role, version: identity.version },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    messageKey: 'msg',
    formatters: { level: (label) => ({ level: label }) },
    mixin: contextFields,
  };
  plainLog = pino(plain, destination);
  log = pino(
    {
      ...plain,
      formatters: {
        ...plain.formatters,
        log: (record) => redact(record) as Record<string, unknown>,
      },
      // The default would serialise `err` before the redaction sees it.
      serializers: { err: (value: unknown) => value },
      hooks: {
        logMethod(args, method) {
          const safe = args.map((argument) =>
            typeof argument === 'string' ? redactText(argument) : argument,
          );
          method.apply(this, safe as Parameters<typeof method>);
        },
      },
    },
    destination,
  );
  return log;
}

/** Written in blocks of 4 KiB, or after a tenth of a second: not one system call a record. */
function bufferedStdout(): DestinationStream {
  return pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 100 });
}

function prettyDestination(): DestinationStream {
  return pino.transport({
    target: 'pino-pretty',
    options: {
      ignore: 'pid,hostname,service,role,version,trace_id,span_id',
      translateTime: 'HH:MM:ss.l',
      singleLine: true,
    },
  });
}

/** Writes out what is buffered; call it last, before the process ends. */
export function flushLogs(): Promise<void> {
  return new Promise((resolve) => log.flush(() => resolve()));
}

/** What can be said of the level before the configuration is read, which judges it properly. */
function earlyLevel(): string {
  const asked = process.env['LOG_LEVEL'] ?? '';
  return asked in pino.levels.values || asked === 'silent' ? asked : 'info';
}
