import { posix } from 'node:path';
import ts from 'typescript';
import { each } from './walk.ts';

/** Whatever makes one file depend on another: `import`, `export … from`, `import()`, a type's `import()`. */
export interface Import {
  node: ts.Node;
  /** As it is written. */
  specifier: string;
  /** The file of the tree that a relative specifier names; undefined for packages and files outside. */
  target: string | undefined;
  /** Whether nothing of it is left at run time. `import { type A }` leaves an empty import. */
  typeOnly: boolean;
  /** Whether it hands on what it imports. */
  reexports: boolean;
  /** What it binds: local name → exported name, `*` for the whole. */
  names: ReadonlyMap<string, string>;
}

export function importsOf(path: string, ast: ts.SourceFile): Import[] {
  const found: Import[] = [];
  for (const node of each(ast)) {
    const parts = read(node);
    if (!parts) continue;
    const { specifier, typeOnly = false, names = new Map<string, string>() } = parts;
    const reexports = ts.isExportDeclaration(node);
    found.push({ node, specifier, target: resolve(path, specifier), typeOnly, reexports, names });
  }
  return found;
}

interface Parts {
  specifier: string;
  typeOnly?: boolean;
  names?: Map<string, string>;
}

function read(node: ts.Node): Parts | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const clause = node.importClause;
    return {
      specifier: node.moduleSpecifier.text,
      typeOnly: clause?.phaseModifier === ts.SyntaxKind.TypeKeyword,
      names: namesOf(clause),
    };
  }
  if (
    ts.isExportDeclaration(node) &&
    node.moduleSpecifier &&
    ts.isStringLiteral(node.moduleSpecifier)
  )
    return { specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly };
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    const { literal } = node.argument;
    return ts.isStringLiteral(literal) ? { specifier: literal.text, typeOnly: true } : undefined;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return argument && ts.isStringLiteralLike(argument) ? { specifier: argument.text } : undefined;
  }
  return undefined;
}

function namesOf(clause: ts.ImportClause | undefined): Map<string, string> {
  const names = new Map<string, string>();
  if (clause?.name) names.set(clause.name.text, 'default');
  const bindings = clause?.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) names.set(bindings.name.text, '*');
  else
    for (const { name, propertyName } of bindings?.elements ?? [])
      names.set(name.text, (propertyName ?? name).text);
  return names;
}

function resolve(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const target = posix.join(posix.dirname(from), specifier);
  return target.startsWith('..') ? undefined : target.replace(/\.js$/, '.ts');
}
