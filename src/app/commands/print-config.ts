/** `npm run config:print`: the configuration in force, without its secrets. */
import '../preflight.js';
import 'reflect-metadata';
import { loadConfig } from '../../platform/config/load-config.js';
import { printConfig } from '../../platform/config/print-config.js';
import { exitWithReason } from '../exit-with-reason.js';
import '../every-section.js';

try {
  process.stdout.write(`${printConfig(loadConfig())}\n`);
} catch (error) {
  await exitWithReason(error);
}
