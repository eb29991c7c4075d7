import ts from 'typescript';
import type { SourceFile, SourceTree } from './source-tree.ts';
import { originOf } from './symbols.ts';

/** A class and the file it stands in. */
export interface ClassIn {
  file: SourceFile;
  node: ts.ClassDeclaration;
}

export const nameOf = ({ node }: ClassIn): string => node.name?.text ?? '';

const sameClass = (a: ClassIn, b: ClassIn): boolean => a.node === b.node;

/** The class that a name means in a file: its own, or one that it imports. */
export function classNamed(tree: SourceTree, file: SourceFile, name: ts.Node): ClassIn | undefined {
  const origin = originOf(file, name);
  const home = origin ? tree.file(origin.from) : file;
  const wanted = origin?.name ?? name.getText();
  return home && classesIn(home).find((candidate) => nameOf(candidate) === wanted);
}

export function classesIn(file: SourceFile): ClassIn[] {
  return file.ast.statements.filter(ts.isClassDeclaration).map((node) => ({ file, node }));
}

export function baseOf(tree: SourceTree, of: ClassIn): ClassIn | undefined {
  const clause = of.node.heritageClauses?.find(
    ({ token }) => token === ts.SyntaxKind.ExtendsKeyword,
  );
  const base = clause?.types[0]?.expression;
  return base && classNamed(tree, of.file, base);
}

export function subclassesOf(tree: SourceTree, of: ClassIn): ClassIn[] {
  return tree.sources.flatMap(classesIn).filter((candidate) => {
    const base = baseOf(tree, candidate);
    return base !== undefined && sameClass(base, of);
  });
}

/** A method with a body, of the class itself or what it extends. */
export function methodOf(
  tree: SourceTree,
  of: ClassIn,
  name: string,
): { owner: ClassIn; node: ts.MethodDeclaration } | undefined {
  const node = of.node.members.find(
    (member) => ts.isMethodDeclaration(member) && member.body && member.name.getText() === name,
  );
  if (node) return { owner: of, node: node as ts.MethodDeclaration };
  const base = baseOf(tree, of);
  return base && methodOf(tree, base, name);
}

/** The class of `this.<name>`: of a parameter property or a field with a written type. */
export function fieldOf(tree: SourceTree, of: ClassIn, name: string): ClassIn | undefined {
  const constructor = of.node.members.find(ts.isConstructorDeclaration);
  const declared = [
    ...(constructor?.parameters ?? []).filter((parameter) => parameter.modifiers),
    ...of.node.members.filter(ts.isPropertyDeclaration),
  ].find((candidate) => candidate.name.getText() === name);
  if (!declared) {
    const base = baseOf(tree, of);
    return base && fieldOf(tree, base, name);
  }
  const { type } = declared;
  return type && ts.isTypeReferenceNode(type)
    ? classNamed(tree, of.file, type.typeName)
    : undefined;
}
