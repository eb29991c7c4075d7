import { at, type Rule } from '../rule.ts';

const MOST = 300;

/** No file of src/ has more than 300 lines, tests included. */
export const fileSize: Rule = (tree) =>
  tree.files.flatMap((file) => {
    const lines = file.text.trimEnd().split('\n').length;
    if (lines <= MOST) return [];
    const sentence = `has ${lines} lines, ${MOST} are allowed: split it by what its parts do.`;
    return [at(file, undefined, sentence)];
  });
