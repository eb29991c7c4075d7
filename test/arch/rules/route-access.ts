import ts from 'typescript';
import { at, type Rule, type Violation } from '../rule.ts';
import { NEST, routeDecorators, routesOf, type Route } from '../source/routes.ts';
import type { SourceFile } from '../source/source-tree.ts';
import { originOf, type Marked } from '../source/symbols.ts';
import { each } from '../source/walk.ts';

const ACCESS = 'platform/security/access.ts';
const marks = new Set(['RequirePermission', 'Public', 'InternalOnly', 'Ops']);

/**
 * Every route says who may call it, once: @RequirePermission, @Public, @InternalOnly or @Ops of
 * platform/security/access.ts on the method, else on its class. Under `ops/` and `console`, which no
 * gateway routes, all say @Ops, and nothing elsewhere does.
 *
 * So that no route is overlooked, route decorators stand only directly on methods of a @Controller
 * class: not inside other decorators, under other names, or in a base class.
 */
export const routeAccess: Rule = (tree) => [
  ...routesOf(tree).flatMap(judge),
  ...tree.sources.flatMap(hiddenRoutes),
];

function judge(route: Route): Violation[] {
  const { file, label } = route;
  const complain = (sentence: string): Violation[] => [at(file, route.method, sentence)];
  if (!route.controlled)
    return complain(`${label} is a route outside a @Controller class: move it into one.`);
  const own = route.marks.method.filter(saysWho);
  const shared = route.marks.class.filter(saysWho);
  if (own.length > 1 || (own.length === 0 && shared.length > 1))
    return complain(`${label} says twice who may call it: keep one of the marks.`);
  const [mark] = own.length > 0 ? own : shared;
  if (!mark)
    return complain(
      `${label} does not say who may call it: add @RequirePermission, @Public, @InternalOnly or @Ops.`,
    );
  const isOps = mark.name === 'Ops';
  if (route.paths?.every((path) => isForOperators(path) === isOps) ?? true) return [];
  return complain(
    isOps
      ? `${label} is @Ops and not under ops/ or console: move it there.`
      : `${label} is under ops/ or console: mark it @Ops.`,
  );
}

const isForOperators = (path: string): boolean => /^(?:ops|console)(?:\/|$)/.test(path);

const saysWho = ({ from, name }: Marked): boolean => from === ACCESS && marks.has(name);

function hiddenRoutes(file: SourceFile): Violation[] {
  return [...each(file.ast)]
    .filter((node) => ts.isIdentifier(node) || ts.isPropertyAccessExpression(node))
    .filter((node) => {
      const origin = originOf(file, node);
      return origin?.from === NEST && routeDecorators.has(origin.name) && !standsRight(node);
    })
    .map((node) =>
      at(
        file,
        node,
        `uses @${node.getText(file.ast)} other than on a handler, which hides a route: write it directly above the method.`,
      ),
    );
}

/** As a decorator of its own, in an import, or as the name of something else (`a.Get`, `{ Get: 1 }`). */
function standsRight(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isImportSpecifier(parent) || ts.isPropertyAssignment(parent)) return true;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return true;
  return ts.isDecorator(parent) || (ts.isCallExpression(parent) && ts.isDecorator(parent.parent));
}
