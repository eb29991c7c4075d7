import ts from 'typescript';
import type { SourceFile, SourceTree } from './source/source-tree.ts';

/** What is wrong at one place, and what to do instead. */
export interface Violation {
  /** Relative to the folder of the tree, with forward slashes. */
  path: string;
  line: number;
  /** One sentence. */
  sentence: string;
}

/** A rule of the architecture: what a source tree breaks of it. Depends on nothing but the tree. */
export type Rule = (tree: SourceTree) => Violation[];

/** A violation at a node of a file, or at its first line. */
export function at(file: SourceFile, node: ts.Node | undefined, sentence: string): Violation {
  const start = node ? node.getStart(file.ast) : 0;
  return {
    path: file.path,
    line: file.ast.getLineAndCharacterOfPosition(start).line + 1,
    sentence,
  };
}

export function describePlace({ path, line }: Violation): string {
  return `src/${path}:${line}`;
}

export function describeViolation(violation: Violation): string {
  return `${describePlace(violation)} ${violation.sentence}`;
}
