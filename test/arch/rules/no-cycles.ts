import { at, type Rule, type Violation } from '../rule.ts';
import type { SourceFile, SourceTree } from '../source/source-tree.ts';

/**
 * No file reaches itself again over its imports. Imports of types are left out: they are gone at run
 * time, and two files of one area may well speak of each other's types. Each knot is reported once, at
 * its first file, with its shortest way round.
 */
export const noCycles: Rule = (tree) => {
  const known = new Set<string>();
  return tree.sources.flatMap((file): Violation[] => {
    if (known.has(file.path)) return [];
    const way = wayRound(tree, file);
    if (!way) return [];
    for (const path of way) known.add(path);
    const first = file.imports.find(({ target }) => target === (way[1] ?? file.path));
    const circle = [...way, file.path].join(' → ');
    const sentence = `closes a circle of imports, ${circle}: move what both need into a file of its own.`;
    return [at(file, first?.node, sentence)];
  });
};

/** The shortest way from a file back to itself, without its end; breadth first. */
function wayRound(tree: SourceTree, start: SourceFile): string[] | undefined {
  const seen = new Set<string>();
  const ways: string[][] = [[start.path]];
  for (const way of ways) {
    for (const next of valueImports(tree, way.at(-1) ?? '')) {
      if (next === start.path) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

function valueImports(tree: SourceTree, path: string): string[] {
  return (tree.file(path)?.imports ?? [])
    .filter(({ typeOnly }) => !typeOnly)
    .flatMap(({ target }) => (target === undefined ? [] : [target]));
}
