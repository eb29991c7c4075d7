import { at, type Rule } from '../rule.ts';
import { isContract } from '../source/layout.ts';

/**
 * A contract brings nothing into the process of its reader but itself and other contracts: all else
 * it imports as types, with `import type` (an `import { type A }` still loads the file at run time).
 */
export const contractsImportTypes: Rule = (tree) =>
  tree.files
    .filter((file) => isContract(file.path))
    .flatMap((file) =>
      file.imports
        .filter(({ typeOnly, target }) => !typeOnly && !(target && isContract(target)))
        .map(({ node, specifier }) =>
          at(
            file,
            node,
            `loads ${specifier} for everyone who reads this contract: use \`import type\`, or move the value out of the contract.`,
          ),
        ),
    );
