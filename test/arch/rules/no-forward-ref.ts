import ts from 'typescript';
import { at, type Rule } from '../rule.ts';
import { NEST } from '../source/routes.ts';
import { originOf } from '../source/symbols.ts';
import { each } from '../source/walk.ts';

/** No `forwardRef`, under whatever name: it hides that two providers or modules need each other. */
export const noForwardRef: Rule = (tree) =>
  tree.sources.flatMap((file) =>
    [...each(file.ast)]
      .filter((node) => ts.isCallExpression(node))
      .filter(({ expression }) => {
        const origin = originOf(file, expression);
        return origin?.from === NEST && origin.name === 'forwardRef';
      })
      .map((node) =>
        at(
          file,
          node,
          'uses forwardRef, which hides a circle: take out what both sides need, or let one of them publish an event.',
        ),
      ),
  );
