import ts from 'typescript';
import type { SourceFile } from './source-tree.ts';

/** What a name of a file stands for: an export of a package or of a file of the tree. */
export interface Origin {
  /** A package's specifier, or the path of a file. */
  from: string;
  name: string;
}

/** Follows a name, or `namespace.name`, to the import that brings it; undefined for the file's own. */
export function originOf(file: SourceFile, expression: ts.Node): Origin | undefined {
  const qualified =
    ts.isPropertyAccessExpression(expression) && ts.isIdentifier(expression.expression);
  const local = qualified ? expression.expression : expression;
  if (!ts.isIdentifier(local)) return undefined;
  for (const { names, target, specifier } of file.imports) {
    const name = names.get(local.text);
    if (name === undefined) continue;
    const whole = name === '*' && ts.isPropertyAccessExpression(expression);
    return { from: target ?? specifier, name: whole ? expression.name.text : name };
  }
  return undefined;
}

/** A decorator, or any other call, with the origin of what is called. */
export interface Marked extends Origin {
  node: ts.Node;
  arguments: readonly ts.Expression[];
}

/** The decorators of a class or a member that come from an import, by any local name. */
export function decoratorsOf(file: SourceFile, node: ts.HasDecorators): Marked[] {
  return (ts.getDecorators(node) ?? []).flatMap((decorator) => {
    const { expression } = decorator;
    const called = ts.isCallExpression(expression);
    const origin = originOf(file, called ? expression.expression : expression);
    return origin
      ? [{ ...origin, node: decorator, arguments: called ? expression.arguments : [] }]
      : [];
  });
}

/** The text of a string that is written out; undefined when it is computed. */
export function literalText(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined;
}

/** A property of an object that is written out. */
export function propertyOf(node: ts.Node | undefined, name: string): ts.Expression | undefined {
  if (!node || !ts.isObjectLiteralExpression(node)) return undefined;
  for (const property of node.properties)
    if (ts.isPropertyAssignment(property) && property.name.getText() === name)
      return property.initializer;
  return undefined;
}
