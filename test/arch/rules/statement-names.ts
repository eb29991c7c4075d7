import ts from 'typescript';
import { at, describePlace, type Rule, type Violation } from '../rule.ts';
import { literalText, originOf } from '../source/symbols.ts';
import { each } from '../source/walk.ts';

const STATEMENT = 'platform/database/statement.ts';

/**
 * Every `statement('repository.operation', …)` has a name of its own, written as text. A name that two
 * files share would fail only in a process that loads both.
 */
export const statementNames: Rule = (tree) => {
  const first = new Map<string, Violation>();
  return tree.sources.flatMap((file) =>
    [...each(file.ast)]
      .filter((node) => ts.isCallExpression(node))
      .filter(({ expression }) => {
        const origin = originOf(file, expression);
        return origin?.from === STATEMENT && origin.name === 'statement';
      })
      .flatMap((node) => {
        const name = literalText(node.arguments[0]);
        if (name === undefined)
          return [at(file, node, 'computes the name of a statement: write it as text.')];
        const other = first.get(name);
        if (other)
          return [
            at(
              file,
              node,
              `declares the statement ${name} again, after ${describePlace(other)}: give it another name.`,
            ),
          ];
        first.set(name, at(file, node, ''));
        return [];
      }),
  );
};
