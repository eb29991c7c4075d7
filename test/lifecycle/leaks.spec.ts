import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { root, run } from '../support/process.js';

describe('a stopped application', () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await createDatabase();
    folder = mkdtempSync(join(tmpdir(), 'mainstay-leaks-'));
  });
  afterAll(async () => {
    await database.drop(); // fails while a connection to it is open
    rmSync(folder, { recursive: true });
  });

  it.each(['all', 'worker', 'realtime'])(
    '(%s) holds no connection, timer or socket: its process ends by itself',
    async (role) => {
      const started = run([join(root, 'test/support/start-and-stop.ts'), role], {
        DATABASE_URL: database.url,
        MAINSTAY_DATA_DIR: folder,
      });
      expect([await started.exited, started.stderr]).toEqual([0, '']);
    },
  );
});
