import ts from 'typescript';

/** A node and everything below it, from top to bottom. */
export function* each(node: ts.Node): Generator<ts.Node> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => {
    children.push(child);
  });
  for (const child of children) yield* each(child);
}
