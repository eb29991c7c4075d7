import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createDatabase } from '../support/database.js';
import { startSplit } from '../support/deployment.js';

describe('the split start', () => {
  it('ends before it has started anything when its port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const folder = join(tmpdir(), `mainstay-split-${randomUUID()}`);
    const app = await startSplit({ PORT: String(port), MAINSTAY_DATA_DIR: folder });
    expect(await app.exited).toBe(1);
    await app.stop(); // its last lines
    expect(app.stderr).toContain(`Port ${port} is in use`);
    expect(existsSync(folder)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
  });

  it('ends with all of its processes when one of them is killed', async () => {
    const database = await createDatabase();
    const folder = mkdtempSync(join(tmpdir(), 'mainstay-split-'));
    const app = await startSplit({
      DATABASE_URL: database.url,
      MAINSTAY_DATA_DIR: folder,
      MAINSTAY__LIFECYCLE__ENDPOINT_DELAY_SECONDS: '0',
    });
    await app.log((record) => record.event === 'started' && record['role'] === 'front', 90_000);
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
