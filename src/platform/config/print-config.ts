import { declaredSections, leavesOf } from './section.js';
import type { Configuration } from './load-config.js';

/** The configuration in force, one `key = value` a line; a secret shows only whether it is set. */
export function printConfig(configuration: Configuration): string {
  const lines: string[] = [];
  for (const leaf of declaredSections().flatMap(leavesOf)) {
    const value = leaf.path.reduce<unknown>(
      (node, key) => (node as Record<string, unknown> | undefined)?.[key],
      configuration,
    );
    const isSet = Array.isArray(value) ? value.length > 0 : Boolean(value);
    const shown = leaf.meta.secret
      ? isSet
        ? '(set)'
        : '(not set)'
      : JSON.stringify(value ?? null);
    lines.push(`${leaf.path.join('.')} = ${shown}`);
  }
  return lines.join('\n');
}
