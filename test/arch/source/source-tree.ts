import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { importsOf, type Import } from './imports.ts';

/** One TypeScript file, parsed. */
export interface SourceFile {
  /** Relative to the folder of the tree, with forward slashes. */
  path: string;
  text: string;
  ast: ts.SourceFile;
  imports: Import[];
}

/** All files under a folder; every TypeScript file is parsed once, whatever the number of rules. */
export class SourceTree {
  /** Every TypeScript file. */
  readonly files: readonly SourceFile[];
  /** What runs in production: every TypeScript file that is not a test. */
  readonly sources: readonly SourceFile[];

  /** Every file, TypeScript or not. */
  readonly paths: ReadonlySet<string>;
  private readonly byPath: ReadonlyMap<string, SourceFile>;

  private constructor(byPath: ReadonlyMap<string, SourceFile>, paths: ReadonlySet<string>) {
    this.byPath = byPath;
    this.paths = paths;
    this.files = [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    this.sources = this.files.filter((file) => !file.path.endsWith('.spec.ts'));
  }

  static read(folder: string): SourceTree {
    const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .map((path) => path.replaceAll('\\', '/'));
    const files = paths
      .filter((path) => path.endsWith('.ts'))
      .map((path) => [path, parse(path, readFileSync(join(folder, path), 'utf8'))] as const);
    return new SourceTree(new Map(files), new Set(paths));
  }

  /** This tree with the files of another one added, or put in the place of its own. */
  with(other: SourceTree): SourceTree {
    return new SourceTree(
      new Map([...this.byPath, ...other.byPath]),
      new Set([...this.paths, ...other.paths]),
    );
  }

  file(path: string): SourceFile | undefined {
    return this.byPath.get(path);
  }

  /** Names of the folders in `modules/`. */
  get modules(): string[] {
    const names = [...this.paths].map((path) => /^modules\/([^/]+)\//.exec(path)?.[1]);
    return [...new Set(names.filter((name) => name !== undefined))].sort();
  }
}

function parse(path: string, text: string): SourceFile {
  const ast = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  return { path, text, ast, imports: importsOf(path, ast) };
}
