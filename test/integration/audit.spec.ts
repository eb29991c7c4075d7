import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import {
  PgAuditRepository,
  type AuditEntry,
} from '../../src/modules/auth/audit/audit.repository.js';
import { PruneAudit } from '../../src/modules/auth/audit/prune-audit.js';
import { authConfig } from '../../src/modules/auth/auth.config.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { byTheClock, openOn } from './support.js';

const DAY_MS = 86_400_000;

describe('the retention of the audit log', () => {
  let test: TestDatabase;
  let entries: PgAuditRepository;
  beforeAll(async () => {
    test = await createDatabase();
    entries = new PgAuditRepository(await openOn(test));
  });
  afterAll(() => test.drop());

  /** Lines that were written so many days ago. */
  const write = async (days: number, count: number) => {
    const msecs = Date.now() - days * DAY_MS;
    const line = (): AuditEntry => ({
      ...{ id: uuidv7({ msecs }), tenantId: 'default', event: 'login', result: 'success' },
      ...{ actorId: null, subjectId: randomUUID(), sessionId: null },
      ...{ ip: null, device: null, requestId: null, detail: {} },
    });
    const lines = Array.from({ length: count }, line);
    await entries.insert(lines);
    const ids = lines.map(({ id }) => id);
    await test.pool.query('UPDATE auth.audit_log SET at = $2 WHERE id = ANY ($1::uuid[])', [
      ids,
      new Date(msecs),
    ]);
    return ids;
  };

  it('deletes the old lines, in batches, and none that is younger', async () => {
    await write(400, 6000);
    await write(366, 3);
    const kept = [...(await write(364, 2)), ...(await write(0, 2))];
    const { jobs, run } = byTheClock();
    const config = authConfig.schema.parse({});
    expect(config.auditDays).toBe(365);
    await new PruneAudit(jobs, entries, config).onApplicationBootstrap();
    await run();
    const { rows } = await test.pool.query<{ id: string }>('SELECT id FROM auth.audit_log');
    expect(rows.map(({ id }) => id).sort()).toEqual(kept.sort());
  });

  it('does not end at lines whose ids are older than they are', async () => {
    await test.pool.query('TRUNCATE auth.audit_log');
    const young = await write(500, 5001); // more than a batch
    await test.pool.query('UPDATE auth.audit_log SET at = now()');
    await write(400, 6000);
    const { jobs, run } = byTheClock();
    const config = authConfig.schema.parse({});
    await new PruneAudit(jobs, entries, config).onApplicationBootstrap();
    await run();
    const { rows } = await test.pool.query<{ id: string }>('SELECT id FROM auth.audit_log');
    expect(rows.map(({ id }) => id).sort()).toEqual(young.sort());
  });
});
