import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { everyRule } from './every-rule.ts';
import { describeViolation } from './rule.ts';
import { SourceTree } from './source/source-tree.ts';

const root = resolve(import.meta.dirname, '../..');
const fixtures = join(import.meta.dirname, 'fixtures');

const src = SourceTree.read(join(root, 'src'));
/** A small application that keeps every rule; a fixture changes or adds a few files of it. */
const sound = SourceTree.read(join(fixtures, 'sound'));

function violations(tree: SourceTree, names = Object.keys(everyRule)): string[] {
  return names.flatMap((name) =>
    (everyRule[name]?.(tree) ?? []).map((found) => `[${name}] ${describeViolation(found)}`),
  );
}

function foldersIn(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

/** The `expected.txt` of a fixture: one violation a line. Its other files stand as they do in src/. */
function expected(folder: string): string[] {
  return readFileSync(join(folder, 'expected.txt'), 'utf8').trim().split('\n');
}

describe('the rules', () => {
  it('are all listed, and each has fixtures', () => {
    const files = readdirSync(join(import.meta.dirname, 'rules'));
    const names = Object.keys(everyRule);
    expect(files.map((file) => file.replace(/\.ts$/, '')).sort()).toEqual(names.sort());
    expect(foldersIn(fixtures).sort()).toEqual([...names, 'sound'].sort());
  });

  it('find nothing in the sound application that fixtures are made from', () => {
    expect(violations(sound)).toEqual([]);
  });
});

describe.each(Object.keys(everyRule))('%s', (name) => {
  it('holds in src/', () => {
    expect(violations(src, [name])).toEqual([]);
  });

  const cases = foldersIn(join(fixtures, name));
  it('can be broken', () => expect(cases).not.toEqual([]));

  it.each(cases)('finds %s', (broken) => {
    const folder = join(fixtures, name, broken);
    const found = violations(sound.with(SourceTree.read(join(folder, 'src'))));
    expect(found).toEqual(expected(folder));
    expect(found.join('\n')).toContain(`[${name}]`);
  });
});
