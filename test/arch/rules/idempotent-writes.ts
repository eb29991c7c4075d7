import ts from 'typescript';
import { at, type Rule, type Violation } from '../rule.ts';
import { fieldOf, methodOf, nameOf, subclassesOf, type ClassIn } from '../source/classes.ts';
import { isUnderApi, routesOf, type Route } from '../source/routes.ts';
import type { SourceTree } from '../source/source-tree.ts';
import { each } from '../source/walk.ts';

/** From the handler: its use case, what that calls, and what is called by that. */
const DEPTH = 3;

/**
 * Every POST handler under `api/` calls exactly one thing that opens a `Database.transaction`: the
 * first transaction of a request takes the claim of its Idempotency-Key, a second one would run again
 * when the request is repeated.
 *
 * What is checked: calls of the form `this.<field>.<method>()` are followed from the handler to the
 * class of the field, through `this.<method>()`, base classes, and every implementation of an abstract
 * method, three classes deep; one of the calls must be `transaction()` of a field of type Database.
 * What is not: that it is reached on every path, and calls that go through variables and functions.
 * PUT and DELETE are idempotent by their meaning; the hook gives them no claim.
 */
export const idempotentWrites: Rule = (tree) =>
  routesOf(tree)
    .filter(({ verbs }) => verbs.includes('Post') || verbs.includes('All'))
    .filter(({ paths }) => !paths || paths.some(isUnderApi))
    .flatMap((route) => judge(tree, route));

function judge(tree: SourceTree, route: Route): Violation[] {
  const { file, method, label } = route;
  const writes = transactionsOf(tree, { file, node: route.class }, method, DEPTH, new Set());
  if (writes === 1) return [];
  const sentence =
    writes === 0
      ? `${label} opens no transaction, so an Idempotency-Key does nothing: let its use case write inside Database.transaction.`
      : `${label} opens ${writes} transactions, of which only the first is protected by an Idempotency-Key: call one use case that does all of it in one.`;
  return [at(file, method, sentence)];
}

/** How many calls in a method lead to a transaction. */
function transactionsOf(
  tree: SourceTree,
  of: ClassIn,
  method: ts.MethodDeclaration,
  depth: number,
  seen: Set<ts.Node>,
): number {
  if (seen.has(method)) return 0;
  const inside = new Set(seen).add(method);
  let found = 0;
  for (const node of each(method.body ?? method)) {
    if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) continue;
    const { expression: on, name } = node.expression;
    if (on.kind === ts.SyntaxKind.ThisKeyword) {
      const own = methodOf(tree, of, name.text);
      if (own) found += transactionsOf(tree, of, own.node, depth, inside);
    } else if (
      ts.isPropertyAccessExpression(on) &&
      on.expression.kind === ts.SyntaxKind.ThisKeyword
    ) {
      const field = fieldOf(tree, of, on.name.text);
      if (field && opens(tree, field, name.text, depth, inside)) found += 1;
    }
  }
  return found;
}

function opens(
  tree: SourceTree,
  field: ClassIn,
  method: string,
  depth: number,
  seen: Set<ts.Node>,
): boolean {
  if (field.file.path === 'platform/database/database.ts' && nameOf(field) === 'Database')
    return method === 'transaction';
  if (depth === 0) return false;
  const found = methodOf(tree, field, method);
  if (found) return transactionsOf(tree, field, found.node, depth - 1, seen) > 0;
  const implementations = subclassesOf(tree, field);
  return (
    implementations.length > 0 &&
    implementations.every((candidate) => opens(tree, candidate, method, depth, seen))
  );
}
