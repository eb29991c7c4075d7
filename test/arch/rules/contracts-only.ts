import { at, type Rule } from '../rule.ts';
import { isContract, kindOf, moduleOf } from '../source/layout.ts';

/**
 * Of a feature module others import only its contract: other modules, the platform and the app alike,
 * whatever the kind of import, types included. The one exception is `app/roles.ts`, which composes
 * modules and so imports `*.module.ts` and `*.client.ts` (see composition.ts).
 */
export const contractsOnly: Rule = (tree) =>
  tree.files.flatMap((file) =>
    file.imports.flatMap(({ node, target }) => {
      const theirs = target === undefined ? undefined : moduleOf(target);
      if (target === undefined || theirs === undefined || theirs === moduleOf(file.path)) return [];
      if (isContract(target)) return [];
      // Whoever composes modules is the business of another rule.
      if (/^(module|client)$/.test(kindOf(target) ?? '')) return [];
      const sentence = `imports ${target}, which belongs to ${theirs}: import modules/${theirs}/${theirs}.contract.ts, and add to it what is missing.`;
      return [at(file, node, sentence)];
    }),
  );
