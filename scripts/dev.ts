/**
 * `npm run dev`: the application, compiled and started again on every change of the sources. Node
 * waits for the old process to end before it starts the new one, so the port is free by then.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');
const start = (...args: string[]) =>
  spawn(process.execPath, args, {
    cwd: root,
    // No load balancer has to notice that a development server goes away.
    env: { ...process.env, MAINSTAY__LIFECYCLE__ENDPOINT_DELAY_SECONDS: '0' },
    stdio: 'inherit',
  });
const children = [
  start(tsc, '-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'),
  start('--watch', '--watch-preserve-output', 'dist/main.js'),
];
const ended = children.map((child) => once(child, 'exit'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
}
await Promise.all(ended);
