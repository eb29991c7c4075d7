import { at, type Rule } from '../rule.ts';
import { kindOf } from '../source/layout.ts';

/**
 * What is bound to what is decided in two files: `app/roles.ts` alone imports the `*.module.ts` and
 * `*.client.ts` of feature modules, `app/app.module.ts` alone those of the platform.
 */
export const composition: Rule = (tree) =>
  tree.files.flatMap((file) =>
    file.imports.flatMap(({ node, target }) => {
      const composer = target === undefined ? undefined : composerOf(target);
      if (composer === undefined || composer === file.path) return [];
      const sentence = `imports ${target}, which only ${composer} may: bind it there and inject what it provides.`;
      return [at(file, node, sentence)];
    }),
  );

function composerOf(target: string): string | undefined {
  const kind = kindOf(target);
  if (target.startsWith('modules/') && (kind === 'module' || kind === 'client'))
    return 'app/roles.ts';
  return target.startsWith('platform/') && kind === 'module' ? 'app/app.module.ts' : undefined;
}
