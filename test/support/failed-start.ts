import { expect } from '@jest/globals';
import { runApp } from './process.js';

/** Only ends what hangs. How soon a start has to fail is promised by F13, and measured there. */
const PATIENCE_MS = 60_000;

/** Starts the application, which must exit 1. @returns what it said */
export async function failedStart(env: Record<string, string>): Promise<string> {
  const app = runApp('main.js', { PORT: '0', ...env });
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    app.child.kill('SIGKILL');
  }, PATIENCE_MS);
  const code = await app.exited;
  clearTimeout(timer);
  await app.stop(); // its last lines
  expect({ hung, code }).toEqual({ hung: false, code: 1 });
  return app.stderr;
}
