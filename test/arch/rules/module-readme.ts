import type { Rule } from '../rule.ts';

/** Every module has a README.md: what it owns, publishes, and asks of others. */
export const moduleReadme: Rule = (tree) =>
  tree.modules
    .map((module) => `modules/${module}/README.md`)
    .filter((path) => !tree.paths.has(path))
    .map((path) => ({
      path,
      line: 1,
      sentence:
        'is missing: say in some 20 lines which tables the module owns, which events it publishes and what it asks of others.',
    }));
