/** A flag as the code declares it: what it is for, and whether it is on where nobody says anything. */
export interface Flag {
  readonly name: string;
  readonly description: string;
  readonly default: boolean;
}

const flags = new Map<string, Flag>();

/** `<module or area>.<what>`, so that a name says whose it is. */
const namePattern = /^[a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)+$/;

/**
 * Declares a feature flag. A module calls this in its `*.flags.ts`; importing that file is what makes
 * the flag known, so a name in the configuration that no code declares is always a mistake.
 */
export function defineFlag(
  name: string,
  { description, default: fallback }: Omit<Flag, 'name'>,
): Flag {
  if (!namePattern.test(name)) throw new Error(`"${name}" is no name for a flag`);
  if (flags.has(name)) throw new Error(`the flag "${name}" is declared twice`);
  const flag = { name, description, default: fallback };
  flags.set(name, flag);
  return flag;
}

/** Every declared flag, by name. */
export function declaredFlags(): Flag[] {
  return [...flags.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
