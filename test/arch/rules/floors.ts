import { at, type Rule } from '../rule.ts';
import { floorOf, heightOf, moduleOf, storeyOf } from '../source/layout.ts';
import type { SourceTree } from '../source/source-tree.ts';

/**
 * Imports point down: entry points → app → modules → platform, and among modules realtime → posts →
 * auth. A module that layout.ts does not name stands above all that it names; two such modules may not
 * import each other.
 */
export const floors: Rule = (tree) =>
  tree.files.flatMap((file) =>
    file.imports.flatMap(({ node, target }) => {
      const up = target === undefined ? undefined : climbs(tree, file.path, target);
      return up === undefined ? [] : [at(file, node, `imports ${target}: ${up}`)];
    }),
  );

function climbs(tree: SourceTree, path: string, target: string): string | undefined {
  const [mine, theirs] = [floorOf(path), floorOf(target)];
  if (!mine || !theirs) return undefined; // file-places.ts says so
  if (heightOf(theirs) > heightOf(mine))
    return `${mine} stands below ${theirs}; declare here what is needed, as an abstract class or a hook, and bind it above.`;
  const [from, to] = [moduleOf(path), moduleOf(target)];
  if (from === undefined || to === undefined || from === to) return undefined;
  if (storeyOf(to) > storeyOf(from))
    return `${from} stands below ${to}; publish an event that ${to} consumes, or move this part up.`;
  if (storeyOf(to) === storeyOf(from) && imports(tree, to, from))
    return `${to} imports ${from} as well; decide which of them stands below, and let that one publish events.`;
  return undefined;
}

function imports(tree: SourceTree, from: string, to: string): boolean {
  return tree.files.some(
    (file) =>
      moduleOf(file.path) === from &&
      file.imports.some(({ target }) => target !== undefined && moduleOf(target) === to),
  );
}
