/** Writes the dashboards that Grafana provisions: `npm run dashboards`, and part of `npm run docs`. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { business } from './business.ts';
import { toJson } from './dashboard.ts';
import { database } from './database.ts';
import { infrastructure } from './infrastructure.ts';
import { realtime } from './realtime.ts';
import { serviceOverview } from './service-overview.ts';

const folder = resolve(import.meta.dirname, '../dashboards');

rmSync(folder, { recursive: true, force: true }); // a dashboard that no longer exists has no file
mkdirSync(folder);
for (const dashboard of [serviceOverview, infrastructure, business, database, realtime]) {
  const name = dashboard.uid.replace(/^mainstay-/, '');
  const text = JSON.stringify(toJson(dashboard), undefined, 2);
  writeFileSync(join(folder, `${name}.json`), `${text}\n`);
}
