/**
 * Runs jest on the projects of the first argument (`e2e,e2e-split`, or `all`). Numbers of promises
 * (`F3`, `S2 S4`) run the tests whose title holds exactly that number; everything else goes to jest,
 * so a plain word is a pattern of file names: `npm run test:faults -- chaos`.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const jest = join(root, 'node_modules/jest/bin/jest.js');

const [projects = 'all', ...given] = process.argv.slice(2);
const numbers = given.filter((argument) => /^[A-Z]\d+$/.test(argument));
const others = given.filter((argument) => !numbers.includes(argument));

const { status } = spawnSync(
  process.execPath,
  [
    ...['--experimental-vm-modules', '--no-warnings', jest],
    ...byNumber(),
    ...others,
    ...(projects === 'all' ? [] : ['--selectProjects', ...projects.split(',')]),
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);

function byNumber(): string[] {
  if (numbers.length === 0) return [];
  const title = `\\b(${numbers.join('|')})\\b`;
  // Jest would load every file to find out that it has no such title.
  const files = globSync('{src,test}/**/*.spec.ts', { cwd: root })
    .filter((file) => new RegExp(title).test(readFileSync(join(root, file), 'utf8')))
    .map((file) => file.replaceAll('\\', '/'));
  if (files.length > 0) return ['-t', title, ...files];
  process.stderr.write(`No test has the number ${numbers.join(' or ')}.\n`);
  process.exit(1);
}
