/** `npm run docs`: writes what is generated from the code. CI runs it and fails on a difference. */
import '../preflight.js';
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../platform/config/data-directory.js';
import { documentConfig } from '../../platform/config/document-config.js';
import { loadConfig } from '../../platform/config/load-config.js';
import { useDatabase } from '../../platform/database/use-database.js';
import { documentErrors } from '../../platform/errors/document-errors.js';
import { Lifecycle } from '../../platform/lifecycle/lifecycle.js';
import { loggedModules, setLevel } from '../../platform/logging/logger.js';
import { documentMetrics } from '../../platform/metrics/document-metrics.js';
import { createApp } from '../create-app.js';
import { describeApi, openApiFile } from '../docs.js';
import { exitWithReason } from '../exit-with-reason.js';
import '../every-section.js';

const inDocs = (name: string): string => join(projectRoot, 'docs', name);
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

// What is asked of the application here is no traffic.
for (const module of loggedModules()) setLevel(module, 'warn');
try {
  const configuration = loadConfig();
  const stopDatabase = await useDatabase(configuration);
  const app = await createApp('all', configuration);
  await app.init();
  writeFileSync(openApiFile, json(describeApi(app)));
  writeFileSync(
    inDocs('asyncapi.json'),
    json((await app.inject({ method: 'GET', url: '/docs/asyncapi.json' })).json()),
  );
  writeFileSync(inDocs('configuration.md'), documentConfig());
  writeFileSync(inDocs('errors.md'), documentErrors());
  writeFileSync(inDocs('metrics.md'), documentMetrics());
  await app.get(Lifecycle).stop();
  await app.close();
  await stopDatabase();
} catch (error) {
  await exitWithReason(error);
}
