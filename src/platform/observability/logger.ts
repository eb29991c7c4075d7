import { pino, type Logger } from 'pino';
import { requestContext } from './request-context.js';
import type { LoggingConfig } from './observability.config.js';
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

export function configureLogger(config: LoggingConfig, identity: LogIdentity): Logger {
  log = pino(
    {
      level: config.level,
      base: { service: 'mainstay', role: identity.role, version: identity.version },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      messageKey: 'msg',
      formatters: {
        level: (label) => ({ level: label }),
        log: (record) => redact(record) as Record<string, unknown>,
      },
      // The default would serialise `err` before the redaction sees it.
      serializers: { err: (value: unknown) => value },
      mixin: contextFields,
      hooks: {
        logMethod(args, method) {
          const safe = args.map((argument) =>
            typeof argument === 'string' ? redactText(argument) : argument,
          );
          method.apply(this, safe as Parameters<typeof method>);
        },
      },
      ...(config.format === 'pretty' && {
        transport: {
          target: 'pino-pretty',
          options: {
            ignore: 'pid,hostname,service,role,version,trace_id,span_id',
            translateTime: 'HH:MM:ss.l',
            singleLine: true,
          },
        },
      }),
    },
    ...(config.format === 'pretty'
      ? []
      : [pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 100 })]),
  );
  return log;
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
