import ts from 'typescript';
import type { SourceFile, SourceTree } from './source-tree.ts';
import { decoratorsOf, literalText, propertyOf, type Marked } from './symbols.ts';
import { each } from './walk.ts';

/** Everything of Nest that makes a method answer HTTP requests. */
export const routeDecorators: ReadonlySet<string> = new Set([
  ...['Get', 'Post', 'Put', 'Patch', 'Delete', 'All', 'Head', 'Options', 'Sse', 'RequestMapping'],
  ...['Search', 'Propfind', 'Proppatch', 'Mkcol', 'Copy', 'Move', 'Lock', 'Unlock', 'QueryMethod'],
]);
export const NEST = '@nestjs/common';

/** A method that answers HTTP requests. */
export interface Route {
  file: SourceFile;
  class: ts.ClassDeclaration;
  method: ts.MethodDeclaration;
  /** `PostsController.create`. */
  label: string;
  /** Names of its route decorators. */
  verbs: string[];
  /** Whether its class is a controller. */
  controlled: boolean;
  /** Its paths without slashes at the ends; undefined when they are computed. */
  paths: string[] | undefined;
  /** Decorators of the method, then of its class. */
  marks: { method: Marked[]; class: Marked[] };
}

export function routesOf(tree: SourceTree): Route[] {
  return tree.sources.flatMap((file) =>
    [...each(file.ast)].filter(ts.isClassDeclaration).flatMap((node) => routesIn(file, node)),
  );
}

function routesIn(file: SourceFile, node: ts.ClassDeclaration): Route[] {
  const ofClass = decoratorsOf(file, node);
  const controller = ofClass.find(({ from, name }) => from === NEST && name === 'Controller');
  return node.members.filter(ts.isMethodDeclaration).flatMap((method) => {
    const ofMethod = decoratorsOf(file, method);
    const verbs = ofMethod.filter(({ from, name }) => from === NEST && routeDecorators.has(name));
    if (verbs.length === 0) return [];
    return {
      file,
      class: node,
      method,
      label: `${node.name?.text ?? 'class'}.${method.name.getText()}`,
      verbs: verbs.map(({ name }) => name),
      controlled: controller !== undefined,
      paths: controller && pathsOf(controller, verbs),
      marks: { method: ofMethod, class: ofClass },
    };
  });
}

function pathsOf(controller: Marked, verbs: Marked[]): string[] | undefined {
  const prefixes = texts(controller.arguments[0]);
  const endings = verbs.map((verb) => texts(verb.arguments[0]));
  if (!prefixes || endings.includes(undefined)) return undefined;
  return prefixes.flatMap((prefix) =>
    endings.flatMap((paths) =>
      (paths ?? []).map((path) => `${prefix}/${path}`.replace(/^\/+|\/+$/g, '')),
    ),
  );
}

function texts(node: ts.Expression | undefined): string[] | undefined {
  if (!node) return [''];
  if (ts.isObjectLiteralExpression(node)) return texts(propertyOf(node, 'path'));
  const parts = ts.isArrayLiteralExpression(node)
    ? node.elements.map(literalText)
    : [literalText(node)];
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/** As the limits and the entity tags decide it at run time. */
export const isUnderApi = (path: string): boolean => path.startsWith('api/');
