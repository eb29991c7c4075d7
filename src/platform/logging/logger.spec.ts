import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { configureLogger, flushLogs, loggerOf, plainLoggerOf, setLevel } from './logger.js';
import { loggingConfig } from './logging.config.js';

type LogRecord = Record<string, unknown>;

describe('a logger', () => {
  const log = loggerOf('test'); // before there is a configuration
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mainstay-logger-'));
    const config = loggingConfig.schema.parse({ file: { path: join(folder, 'test.log') } });
    await configureLogger(config, { role: 'unit', version: '1' });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  let read = 0;
  /** The records that were written since the last time; each line is one. */
  const written = async (): Promise<LogRecord[]> => {
    expect(await flushLogs()).toBe(true);
    const [file = ''] = readdirSync(folder);
    const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
    const records = lines.slice(read).map((line) => JSON.parse(line) as LogRecord);
    read = lines.length;
    return records;
  };

  it('I15 writes one valid line a record, whatever is in its fields', async () => {
    const hostile = 'a\r\nb\u2028c\u0000d"e\\f\ud800{"level":"fatal"}\u001b[31m';
    log.info({ event: hostile, [hostile]: hostile, nested: [{ hostile }] }, hostile);
    log.error({ err: new Error(hostile) }, 'second');
    plainLoggerOf('test').info({ endpoint: hostile }, hostile);
    const records = await written();
    expect(records.map(({ level }) => level)).toEqual(['info', 'error', 'info']);
    expect(records[0]).toMatchObject({ module: 'test', role: 'unit', event: hostile.toWellFormed() });
  }); // prettier-ignore

  it('never throws into its caller: what cannot be serialised is told of', async () => {
    const trap = {
      get bad(): string {
        throw new RangeError('password=hunter2');
      },
    };
    log.warn({ trap, big: 1n }, 'careful');
    plainLoggerOf('test').warn(trap, 'plain password=hunter2');
    const [careful, plain] = await written();
    expect(careful).toMatchObject({ trap: { bad: '[unreadable]' }, big: '1', msg: 'careful' });
    expect(plain).toMatchObject({
      event: 'log_record_failed',
      reason: 'RangeError',
      msg: 'plain password=[redacted]',
    });
  });

  it('hides what is put into its message only there', async () => {
    log.pino.info('password=%s for %s', 'hunter2', 'ada@example.com');
    log.pino.info({ event: 'x' }, 'token: %s', 'hunter2');
    const records = await written();
    expect(records.map(({ msg }) => msg)).toEqual([
      'password=[redacted] for a***@e***',
      'token: [redacted]',
    ]);
  });

  it('writes from its own level on', async () => {
    setLevel('test', 'error');
    log.warn({}, 'no');
    log.error({}, 'yes');
    setLevel('test', 'debug');
    log.debug({}, 'and that');
    expect((await written()).map(({ msg }) => msg)).toEqual(['yes', 'and that']);
    expect(setLevel('nobody', 'debug')).toBe(false);
  });
});
