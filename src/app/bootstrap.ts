import './preflight.js';
import { createClusterEarly } from '../platform/database/create-cluster-early.js';
import { listenForSignals } from '../platform/lifecycle/signals.js';
import { exitWithReason } from './exit-with-reason.js';
import type { Role } from './roles.js';

/**
 * Starts one role. The only way any process of the application comes to life. To load the application
 * takes 0.8 s; the very first start also makes a database, which takes as long: both happen at once.
 */
export async function bootstrap(role: Role): Promise<void> {
  listenForSignals();
  createClusterEarly();
  try {
    const { start } = await import('./start.js');
    await start(role);
  } catch (error) {
    await exitWithReason(error);
  }
}
