import { at, type Rule } from '../rule.ts';

/**
 * No `index.ts`, and no file under another name that has nothing but `export … from` in it. A barrel
 * loads a whole folder for one name of it, and hides which file is meant.
 */
export const noBarrels: Rule = (tree) =>
  tree.files
    .filter(({ path, ast, imports }) => {
      const handsOn = imports.filter(({ reexports }) => reexports).length;
      return /(^|\/)index\.ts$/.test(path) || (handsOn > 0 && handsOn === ast.statements.length);
    })
    .map((file) =>
      at(file, undefined, 'is a barrel: let each file import from the one that declares the name.'),
    );
