import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { declaredSections, leavesOf, type Leaf } from './section.js';

/** A value that the environment gives to a key, and the variable that it came from. */
export interface EnvironmentValue {
  path: string[];
  value: unknown;
  variable: string;
}

export const PREFIX = 'MAINSTAY__';

const fold = (name: string): string => name.replaceAll(/[_.-]/g, '').toLowerCase();

/**
 * Reads what the environment says of the configuration: `MAINSTAY__SECTION__KEY` for every key,
 * the usual names (`PORT`, `DATABASE_URL`) where a key declares one, and `NAME_FILE` for secrets.
 *
 * @returns the values by path, and one line for each variable that names no key or cannot be read
 */
export function readEnvironment(env: NodeJS.ProcessEnv): {
  values: EnvironmentValue[];
  problems: string[];
} {
  const leaves = declaredSections().flatMap(leavesOf);
  const byFoldedPath = new Map(leaves.map((leaf) => [leaf.path.map(fold).join('__'), leaf]));
  const values: EnvironmentValue[] = [];
  const problems: string[] = [];
  const take = (leaf: Leaf, variable: string, text: string): void => {
    values.push({ path: leaf.path, value: coerce(leaf.schema, text), variable });
  };

  for (const leaf of leaves) {
    if (!leaf.meta.env) continue;
    const text = env[leaf.meta.env];
    const file = leaf.meta.secret ? env[`${leaf.meta.env}_FILE`] : undefined;
    if (text !== undefined && text !== '') take(leaf, leaf.meta.env, text);
    else if (file) {
      try {
        take(leaf, `${leaf.meta.env}_FILE`, readFileSync(file, 'utf8').trim());
      } catch (error) {
        const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
        problems.push(`${leaf.meta.env}_FILE: cannot read "${file}" (${reason})`);
      }
    }
  }
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || text === undefined) continue;
    const leaf = byFoldedPath.get(variable.slice(PREFIX.length).split('__').map(fold).join('__'));
    if (leaf) take(leaf, variable, text);
    else problems.push(`${variable}: no such key; docs/configuration.md lists them all`);
  }
  return { values, problems };
}

/** Turns the text of a variable into the type that the key's schema wants; the schema judges it. */
function coerce(schema: z.ZodType, text: string): unknown {
  if (schema instanceof z.ZodNumber) return text.trim() === '' ? text : Number(text);
  if (schema instanceof z.ZodBoolean) {
    if (/^(true|1|yes|on)$/i.test(text)) return true;
    if (/^(false|0|no|off)$/i.test(text)) return false;
    return text;
  }
  if (schema instanceof z.ZodArray) {
    const items = text.split(',').map((item) => item.trim());
    return items.filter((item) => item !== '');
  }
  if (schema instanceof z.ZodRecord) {
    try {
      return JSON.parse(text);
    } catch {
      return text; // the schema refuses it, and says what it expected
    }
  }
  return text;
}
