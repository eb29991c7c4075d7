/** The hash's whole range. */
export const BUCKETS = 2 ** 32;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** Where the hash of a flag's ids begins, so that two flags do not choose the same users. */
export function seedOf(name: string): number {
  return fnv1a(FNV_OFFSET, name);
}

/**
 * The place of an id within a flag, from 0 to 2^32 - 1: the same in every process and at any time, and
 * evenly spread. FNV-1a with the last mixing of MurmurHash3, which spreads ids that differ in one letter.
 */
export function bucketOf(seed: number, id: string): number {
  let hash = fnv1a(seed, id);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function fnv1a(seed: number, text: string): number {
  let hash = seed;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return hash;
}
