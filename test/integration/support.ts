import { makeBreakers } from '../support/breakers.js';
import { Bus } from '../../src/platform/messaging/bus.js';
import type { Database } from '../../src/platform/database/database.js';
import { databaseConfig } from '../../src/platform/database/database.config.js';
import { openDatabase } from '../../src/platform/database/open-database.js';
import type { Jobs } from '../../src/platform/jobs/jobs.js';
import { EventLog } from '../../src/platform/messaging/event-log.js';
import { Lifecycle } from '../../src/platform/lifecycle/lifecycle.js';
import type { MessagingConfig } from '../../src/platform/messaging/messaging.config.js';
import { domainEvent } from '../../src/platform/messaging/domain-event.js';
import { Outbox } from '../../src/platform/messaging/outbox.js';
import { Relay } from '../../src/platform/messaging/relay.js';
import type { TestDatabase } from '../support/database.js';

export const messaging: MessagingConfig = {
  relayIntervalMs: 1000,
  relayRestMs: 0,
  relayRetryMs: 5,
  historyHours: 24,
};

/** In place of `Jobs`, for jobs by the clock: `run` does what they do then. */
export function byTheClock(): { jobs: Jobs; run: (signal?: AbortSignal) => Promise<void> } {
  const scheduled: ((signal: AbortSignal) => Promise<void>)[] = [];
  const schedule: Jobs['schedule'] = (_queue, _cron, handle) => {
    scheduled.push(handle);
    return Promise.resolve();
  };
  return {
    jobs: { schedule } as Jobs,
    run: async (signal = new AbortController().signal) => {
      for (const handle of scheduled) await handle(signal);
    },
  };
}

/** `Database` as a process of the application has it, on a test database; dropping that closes it too. */
export async function openOn(test: TestDatabase): Promise<Database> {
  const breakers = makeBreakers();
  const config = databaseConfig.schema.parse({ url: test.url, pool: { minIdle: 0 } });
  const opened = await openDatabase(test.pool, config, breakers);
  test.beforeDrop(() => opened.close());
  return opened.database;
}

/** The messaging part of one process of the application, on a test database. */
export async function instance(test: TestDatabase) {
  const database = await openOn(test);
  const lifecycle = new Lifecycle();
  const bus = new Bus(database, lifecycle);
  await bus.onModuleInit();
  const relay = new Relay(database, bus, lifecycle, messaging);
  const outbox = new Outbox(relay);
  return { database, lifecycle, bus, relay, outbox, events: new EventLog(database) };
}

export type Instance = Awaited<ReturnType<typeof instance>>;

/** Commits one event, as a use case would. */
export function commit(
  { database, outbox }: Instance,
  data: object,
  type = 'test.happened',
): Promise<void> {
  return database.transaction(async (tx) => {
    outbox.append(tx, domainEvent({ type, tenantId: 'default', channels: ['test'], data }));
    await Promise.resolve();
  });
}
