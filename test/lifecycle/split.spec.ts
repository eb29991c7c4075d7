import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createDatabase } from '../support/database.js';
import { startSplit } from '../support/deployment.js';

describe('the split start', () => {
  it('ends with all of its processes when one of them is killed', async () => {
    const database = await createDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'mainstay-split-'));
    const app = await startSplit({
      DATABASE_URL: database.url,
      MAINSTAY_DATA_DIR: folder,
      MAINSTAY__LIFECYCLE__ENDPOINT_DELAY_SECONDS: '0',
    });
    await app.log((record) => record.event === 'started' && record['role'] === 'front', 30_000);
    const { pid } = app.child;
    const roles = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    expect(roles).toHaveLength(4);
    process.kill(Number(roles[1]), 'SIGKILL');
    expect(await app.exited).toBe(1);
    for (const role of roles) expect(() => process.kill(Number(role), 0)).toThrow('ESRCH');
    await database.drop();
    rmSync(folder, { recursive: true });
  });
});
