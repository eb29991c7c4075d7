import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { readEnvironment } from './environment.js';
import { declaredSections, type ConfigOf, type Section } from './section.js';

/** The checked configuration: section name -> value. */
export type Configuration = Record<string, Record<string, unknown>>;

/** The checked value of one section, for what runs before or outside of the container. */
export function valueOf<S extends Section>(configuration: Configuration, section: S): ConfigOf<S> {
  return configuration[section.name] as ConfigOf<S>;
}

/** The configuration is wrong; `problems` names every wrong key with what was expected. */
export class ConfigurationError extends Error {
  constructor(readonly problems: string[]) {
    super(
      [
        `The configuration has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}:`,
        ...problems.map((problem) => `  - ${problem}`),
        'docs/configuration.md describes every key.',
      ].join('\n'),
    );
  }
}

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Loads `config/default.yaml`, then `config/<NODE_ENV>.yaml`, then the environment, each over the
 * one before, and checks the result against every declared section.
 *
 * @throws ConfigurationError naming all wrong keys at once, never a secret's value
 */
export function loadConfig(
  env: NodeJS.ProcessEnv = process.env,
  directory = env['MAINSTAY_CONFIG_DIR'] ?? join(import.meta.dirname, '../../../config'),
): Configuration {
  const problems: string[] = [];
  const environment = env['NODE_ENV'] ?? 'development';
  const tree: Tree = {};
  const origin = new Map<string, string>();
  for (const name of ['default.yaml', `${environment}.yaml`]) {
    merge(tree, readYaml(join(directory, name), problems), [], (path) => {
      origin.set(path, `config/${name}`);
    });
  }
  const fromEnvironment = readEnvironment(env);
  problems.push(...fromEnvironment.problems);
  for (const { path, value, variable } of fromEnvironment.values) {
    setIn(tree, path, value);
    origin.set(path.join('.'), variable);
  }

  const sections = declaredSections();
  const known = new Set(sections.map((section) => section.name));
  for (const name of Object.keys(tree)) {
    if (!known.has(name))
      problems.push(`${name}: no such section (${origin.get(name) ?? 'config'})`);
  }
  const configuration: Configuration = {};
  for (const section of sections) {
    const value = check(section, tree[section.name] ?? {}, origin, problems);
    if (value) configuration[section.name] = value;
    if (value && environment === 'production') {
      for (const [key, reason] of Object.entries(section.production(value))) {
        problems.push(`${section.name}.${key}: ${reason}`);
      }
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return configuration;
}

function check(
  section: Section,
  input: unknown,
  origin: Map<string, string>,
  problems: string[],
): Record<string, unknown> | undefined {
  const result = section.schema.safeParse(input);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const path = [section.name, ...issue.path.map(String)].join('.');
    const source = origin.get(path);
    problems.push(`${path}: ${issue.message}${source ? ` (set by ${source})` : ''}`);
  }
  return undefined;
}

function readYaml(file: string, problems: string[]): Tree {
  if (!existsSync(file)) return {};
  try {
    const value: unknown = parse(readFileSync(file, 'utf8')) ?? {};
    if (isTree(value)) return value;
    problems.push(`${file}: expected a mapping of sections`);
  } catch (error) {
    const reason = error instanceof YAMLParseError ? error.message.split('\n')[0] : String(error);
    problems.push(`${file}: ${reason}`);
  }
  return {};
}

function merge(into: Tree, from: Tree, path: string[], note: (path: string) => void): void {
  for (const [key, value] of Object.entries(from)) {
    const here = [...path, key];
    note(here.join('.'));
    const existing = into[key];
    if (isTree(value) && isTree(existing)) merge(existing, value, here, note);
    else if (isTree(value)) merge((into[key] = {}), value, here, note);
    else into[key] = value;
  }
}

function setIn(tree: Tree, path: string[], value: unknown): void {
  let node = tree;
  for (const key of path.slice(0, -1)) {
    const next = node[key];
    node = isTree(next) ? next : (node[key] = {});
  }
  node[path.at(-1) ?? ''] = value;
}
