import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { requestContext } from '../observability/request-context.js';
import type { LoggingConfig, LogLevel } from './logging.config.js';
import { ModuleLogger } from './module-logger.js';
import { redact, redactText } from './redact.js';

/** What every record says of the process that wrote it. */
export interface LogIdentity {
  role: string;
  version: string;
}

interface Roots {
  /** Walks through the fields of each record and hides what must not be read. */
  careful: Logger;
  /** Writes what it is given. */
  plain: Logger;
}

/** Until the configuration is read records go to stdout, so that a failed start is logged like any other. */
let roots: Roots = bothOf(pino({ level: earlyLevel() }));
const loggers = {
  careful: new Map<string, ModuleLogger>(),
  plain: new Map<string, ModuleLogger>(),
};

/** The logger of an area of the platform or of a module; its level can be changed alone. */
export function loggerOf(module: string): ModuleLogger {
  return registered('careful', module);
}

/**
 * The same for records whose fields are all our own, as the access log's: nothing of a caller is in
 * them that could need redaction, so they do without the walk through their fields.
 */
export function plainLoggerOf(module: string): ModuleLogger {
  return registered('plain', module);
}

function registered(kind: keyof Roots, module: string): ModuleLogger {
  let logger = loggers[kind].get(module);
  if (!logger) {
    logger = new ModuleLogger(module, childOf(roots[kind], module, roots[kind].level));
    loggers[kind].set(module, logger);
  }
  return logger;
}

function childOf(root: Logger, module: string, level: string): Logger {
  return root.child({ module }, { level });
}

/** Gives all loggers of the process their level, format and destination. */
export function configureLogger(config: LoggingConfig, identity: LogIdentity): void {
  const destination = config.format === 'pretty' ? prettyDestination() : bufferedStdout();
  const plain: LoggerOptions = {
    level: config.level,
    base: { service: 'mainstay', role: identity.role, version: identity.version },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    messageKey: 'msg',
    formatters: { level: (label) => ({ level: label }) },
    mixin: contextFields,
  };
  const careful: LoggerOptions = {
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
  };
  roots = { plain: pino(plain, destination), careful: pino(careful, destination) };
  for (const kind of ['careful', 'plain'] as const) {
    for (const logger of loggers[kind].values())
      logger.attach(childOf(roots[kind], logger.name, config.level));
  }
}

/** Names of all loggers of the process, in alphabetical order. */
export function loggedModules(): string[] {
  return [...new Set([...loggers.careful.keys(), ...loggers.plain.keys()])].sort();
}

/** From now on this is the least severe level that the module writes; false when there is no such module. */
export function setLevel(module: string, level: LogLevel): boolean {
  const affected = [loggers.careful.get(module), loggers.plain.get(module)].filter(
    (logger) => logger !== undefined,
  );
  for (const logger of affected) logger.pino.level = level;
  return affected.length > 0;
}

/** Writes out what is buffered; call it last, before the process ends. */
export function flushLogs(): Promise<void> {
  return new Promise((resolve) => roots.careful.flush(() => resolve()));
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

/** Written in blocks of 4 KiB, or after a tenth of a second: not one system call a record. */
function bufferedStdout(): DestinationStream {
  return pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 100 });
}

function prettyDestination(): DestinationStream {
  return pino.transport({
    target: 'pino-pretty',
    options: {
      ignore: 'pid,hostname,service,role,version,module,trace_id,span_id',
      translateTime: 'HH:MM:ss.l',
      singleLine: true,
    },
  });
}

function bothOf(logger: Logger): Roots {
  return { careful: logger, plain: logger };
}

/** What can be said of the level before the configuration is read, which judges it properly. */
function earlyLevel(): string {
  const asked = process.env['LOG_LEVEL'] ?? '';
  return asked in pino.levels.values || asked === 'silent' ? asked : 'info';
}
