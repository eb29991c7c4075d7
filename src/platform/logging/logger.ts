import { format } from 'node:util';
import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { version } from '../config/version.js';
import {
  requestContext,
  runInContext,
  type RequestContext,
} from '../observability/request-context.js';
import { accessLine, timeText, type Access } from './access-line.js';
import { ecsOptions, toEcs } from './ecs.js';
import { LevelTable } from './level-table.js';
import { levels, type LoggingConfig, type LogIdentity, type LogLevel } from './logging.config.js';
import { say, type LogStream } from './log-stream.js';
import { ModuleLogger, type Fields } from './module-logger.js';
import { openDestination } from './open-destination.js';
import { redact } from './redact.js';
import { redactText } from './redact-text.js';

interface Roots {
  /** Walks through the fields of each record and hides what must not be read. */
  careful: Logger;
  /** Writes what it is given. */
  plain: Logger;
}

/** The levels of this process, as they are at the moment. */
export const levelTable = new LevelTable(earlyLevel());

/** Until the configuration is read records go to stdout, so that a failed start is logged like any other. */
let roots = rootsOf({ format: 'json', level: levelTable.base }, { role: 'starting', version });
let destination: LogStream | undefined;
let moduleField = 'module';
/** Fields of the process for access records that are put together by hand; undefined in other formats. */
let accessBase: string | undefined;
const loggers = {
  careful: new Map<string, ModuleLogger>(),
  plain: new Map<string, ModuleLogger>(),
};

const accessLogger = plainLoggerOf('http');

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
    logger = new ModuleLogger(module, childOf(roots[kind], module, levelTable.of(module)));
    loggers[kind].set(module, logger);
  }
  return logger;
}

function childOf(root: Logger, module: string, level: string): Logger {
  return root.child({ [moduleField]: module }, { level });
}

/**
 * Gives all loggers of the process their level, format and destination. It waits for the log file, if
 * there is one, to be open.
 *
 * @throws ConfigurationError when the file cannot be written
 */
export async function configureLogger(config: LoggingConfig, identity: LogIdentity): Promise<void> {
  levelTable.base = config.level;
  const stream = await openDestination(config, identity.role, tellOfGap);
  destination = stream;
  moduleField = config.format === 'ecs' ? 'log.logger' : 'module';
  roots = rootsOf(config, identity, stream);
  const base = JSON.stringify({
    service: 'mainstay',
    role: identity.role,
    version: identity.version,
  });
  accessBase = config.format === 'json' ? base.slice(1, -1) : undefined;
  for (const kind of ['careful', 'plain'] as const) {
    for (const logger of loggers[kind].values())
      logger.attach(childOf(roots[kind], logger.name, levelTable.of(logger.name)));
  }
}

function rootsOf(
  { format, level }: Pick<LoggingConfig, 'format' | 'level'>,
  identity: LogIdentity,
  stream?: DestinationStream,
): Roots {
  const isEcs = format === 'ecs';
  const shape = isEcs ? ecsOptions(identity) : ownOptions(identity);
  const named = isEcs ? toEcs : (record: Fields): Fields => record;
  const plain: LoggerOptions = {
    ...shape,
    level,
    mixin: contextFields,
    formatters: { ...shape.formatters, ...(isEcs && { log: named }) },
  };
  const careful: LoggerOptions = {
    ...plain,
    formatters: { ...plain.formatters, log: (record) => named(redact(record) as Fields) },
    // The default would serialise `err` before the redaction sees it.
    serializers: { err: (value: unknown) => value },
    hooks: {
      logMethod(args, method) {
        method.apply(this, withSafeText(args) as Parameters<typeof method>);
      },
    },
  };
  const make = (options: LoggerOptions): Logger => (stream ? pino(options, stream) : pino(options));
  return { plain: make(plain), careful: make(careful) };
}

function ownOptions({ role, version }: LogIdentity): LoggerOptions {
  return {
    base: { service: 'mainstay', role, version },
    timestamp: () => `,"time":"${timeText()}"`,
    messageKey: 'msg',
    formatters: { level: (label) => ({ level: label }) },
  };
}

/** Writes the access record of the work at hand. */
export function logAccess(work: RequestContext, access: Access): void {
  if (!accessLogger.pino.isLevelEnabled('info')) return;
  if (accessBase !== undefined && destination)
    return destination.write(accessLine(accessBase, timeText(), work, access));
  const { durationMs, ...fields } = access;
  runInContext(work, () =>
    accessLogger.info({ event: 'request', ...fields, duration_ms: durationMs }, 'request'),
  );
}

/** Gives every logger the level that the table has for it. */
export function applyLevels(): void {
  for (const module of loggedModules()) setLevel(module, levelTable.of(module));
}

/** Writes a record that must be in the log whatever its level is at the moment. */
export function writeAnyway(module: string, fields: Fields, message: string): void {
  childOf(roots.careful, module, 'info').info(fields, message);
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

/** Writes out what is buffered, for two seconds at most. @returns whether all of it could be written */
export function flushLogs(): Promise<boolean> {
  return destination?.flush() ?? Promise.resolve(true);
}

/**
 * Ends the process once its last records are written. Where nobody takes them it is killed: Node waits at
 * its exit for a write that may never return.
 */
export async function endProcess(code: number): Promise<never> {
  if (!(await flushLogs())) {
    say('The last records of the log could not be written.');
    if (destination?.isStuck) process.kill(process.pid, 'SIGKILL');
  }
  process.exit(code);
}

/** In the log itself, since who reads it must know that something is missing. */
function tellOfGap(dropped: number): void {
  writeAnyway('logging', { event: 'log_recovered', dropped }, 'the log can be written again');
}

/** What is interpolated is so before the redaction: `password=%s` hides nothing by itself. */
function withSafeText(args: unknown[]): unknown[] {
  const [first, ...rest] = args;
  if (typeof first === 'string') return [redactText(format(first, ...rest))];
  if (rest.length === 0) return args;
  const [message, ...values] = rest;
  return [first, redactText(values.length > 0 ? format(message, ...values) : String(message))];
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
    ...(context.endpoint && { endpoint: context.endpoint }),
  };
}

/** What can be said of the level before the configuration is read, which judges it properly. */
function earlyLevel(): LogLevel {
  const asked = process.env['LOG_LEVEL'];
  return levels.find((level) => level === asked) ?? 'info';
}
