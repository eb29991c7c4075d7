import { isatty } from 'node:tty';
import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import { BUFFERED, LogStream } from './log-stream.js';
import type { LoggingConfig } from './logging.config.js';
import { openLogFile } from './open-log-file.js';

/**
 * Opens what the records are written to: stdout, or a file a day.
 *
 * @param onRecovered told how many records were lost, when it can be written again
 * @throws ConfigurationError when the file cannot be written
 */
export async function openDestination(
  config: LoggingConfig,
  role: string,
  onRecovered: (dropped: number) => void,
): Promise<LogStream> {
  const { format, maxBufferedBytes, file } = config;
  const { path } = file;
  const toFile = path !== undefined;
  const sonic = toFile
    ? await openLogFile(path, config, role)
    : pino.destination({ ...BUFFERED, maxLength: maxBufferedBytes, dest: 1 });
  const present = format === 'pretty' ? forPeople(!toFile && isatty(1)) : undefined;
  return new LogStream(sonic, path ?? 'stdout', onRecovered, present);
}

function forPeople(colorize: boolean): (line: string) => string {
  return prettyFactory({
    colorize,
    ignore: 'pid,hostname,service,role,version,span_id',
    translateTime: 'HH:MM:ss.l',
    singleLine: true,
  });
}
