/**
 * Given to the application with `--import`: ends it at SIGUSR2 in the way that END_BY names, or (`start`)
 * makes its start fail with an error that nobody expects.
 */
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

const ways: Record<string, () => void> = {
  exit: () => process.exit(7),
  throw: () => {
    throw new Error('a bug that nobody catches');
  },
  reject: () => void Promise.reject(new Error('a promise that nobody awaits')),
};
const way = process.env['END_BY'] ?? '';
if (way === 'start') {
  http.createServer = () => {
    throw new Error('a start that nobody explains');
  };
  syncBuiltinESMExports();
}
const end = ways[way];
if (end) process.on('SIGUSR2', end);
