import ts from 'typescript';
import { at, type Rule, type Violation } from '../rule.ts';
import { kindOf, moduleOf } from '../source/layout.ts';
import type { SourceFile } from '../source/source-tree.ts';
import { decoratorsOf, literalText, originOf, propertyOf, type Marked } from '../source/symbols.ts';
import { each } from '../source/walk.ts';

const relations = new Set(['OneToOne', 'OneToMany', 'ManyToOne', 'ManyToMany']);
const faces = new Set(['contract', 'client', 'rpc', 'controller', 'schemas']);

/**
 * Entities never leave their module and never reach into another one. A class with @Entity stands in
 * an area of a module, in `<noun>.entity.ts`, and names its module's schema. Only the same module
 * imports it, and no file that faces outwards does (contract, client, rpc, controller, schemas), types
 * included. A relation (@ManyToOne and its like) names an entity of the same module as
 * `() => TheEntity`, not by a string.
 */
export const entitiesStayHome: Rule = (tree) => [
  ...tree.sources.flatMap((file) =>
    [...each(file.ast)].flatMap((node) => {
      if (ts.isClassDeclaration(node)) return judgeEntity(file, node);
      return ts.isPropertyDeclaration(node) ? judgeRelations(file, node) : [];
    }),
  ),
  ...tree.files.flatMap(judgeImports),
];

function judgeEntity(file: SourceFile, node: ts.ClassDeclaration): Violation[] {
  const entity = fromTypeOrm(file, node).find(({ name }) => name === 'Entity');
  if (!entity) return [];
  const home = moduleOf(file.path);
  if (home === undefined || kindOf(file.path) !== 'entity')
    return [
      at(file, node, 'declares an entity: move it to an area of its module, <noun>.entity.ts.'),
    ];
  const options = entity.arguments.find(ts.isObjectLiteralExpression);
  if (literalText(propertyOf(options, 'schema')) === home) return [];
  return [
    at(file, node, `does not say its schema: write @Entity({ schema: '${home}', name: … }).`),
  ];
}

function judgeRelations(file: SourceFile, node: ts.PropertyDeclaration): Violation[] {
  return fromTypeOrm(file, node)
    .filter(({ name }) => relations.has(name))
    .filter(({ arguments: [target] }) => !isOwn(file, target))
    .map(({ name }) =>
      at(
        file,
        node,
        `relates by @${name} to what is not visibly an entity of this module: keep the id, and ask the owner's contract for the rest.`,
      ),
    );
}

/** `() => Entity`, where the entity is declared in this file or imported from the same module. */
function isOwn(file: SourceFile, target: ts.Expression | undefined): boolean {
  if (!target || !ts.isArrowFunction(target) || !ts.isIdentifier(target.body)) return false;
  const origin = originOf(file, target.body);
  return !origin || moduleOf(origin.from) === moduleOf(file.path);
}

function judgeImports(file: SourceFile): Violation[] {
  return file.imports
    .filter(({ target }) => target !== undefined && kindOf(target) === 'entity')
    .filter(
      ({ target = '', reexports }) =>
        reexports || moduleOf(target) !== moduleOf(file.path) || faces.has(kindOf(file.path) ?? ''),
    )
    .map(({ node, target }) =>
      at(
        file,
        node,
        `takes ${target} to where others see it: declare a plain type for what leaves, and map the entity in its repository.`,
      ),
    );
}

function fromTypeOrm(file: SourceFile, node: ts.HasDecorators): Marked[] {
  return decoratorsOf(file, node).filter(({ from }) => from === 'typeorm');
}
