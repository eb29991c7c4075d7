import { expect } from '@jest/globals';
import { runApp } from './process.js';

/** What has to be said, and done, within five seconds of a start that cannot work. */
const WITHIN_MS = 5000;

/** Starts the application, which must exit 1 in time. @returns what it said */
export async function failedStart(env: Record<string, string>): Promise<string> {
  const app = runApp('main.js', { PORT: '0', ...env });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    app.child.kill('SIGKILL');
  }, WITHIN_MS);
  const code = await app.exited;
  clearTimeout(timer);
  expect({ late, code }).toEqual({ late: false, code: 1 });
  return app.stderr;
}
