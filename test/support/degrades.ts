import { it } from '@jest/globals';

/**
 * What users notice of a fault: a row of docs/degradation.md, which `npm run docs` reads out of the
 * tests that prove it. So it is written out, without variables.
 */
export interface Degradation {
  /** The number of the promise: `F1`. */
  id: string;
  dependency: string;
  /** What is wrong with it. */
  fault: string;
  /** What goes on meanwhile. */
  works: string;
  /** What does not. */
  lost: string;
  /** By what an operator, or a client, sees it. */
  seen: string;
  /** Where the fault can be made at all, when not everywhere. */
  only?: 'linux';
}

/** A test which proves that a fault does no more harm than the row says. */
export function degrades(row: Degradation, proof: () => Promise<void>, timeoutMs?: number): void {
  const { id, dependency, fault, works, lost, seen, only = process.platform } = row;
  const test = process.platform === only ? it : it.skip;
  test(
    `${id} ${dependency} ${fault}: works: ${works}; lost: ${lost}; seen: ${seen}`,
    proof,
    timeoutMs,
  );
}
