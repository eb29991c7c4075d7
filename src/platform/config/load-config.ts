import { configDirectory, readConfigFiles, setIn, type FileSettings } from './config-files.js';
import { readEnvironment } from './environment.js';
import { declaredSections, leavesOf, type ConfigOf, type Section } from './section.js';

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

/**
 * Loads `config/default.yaml`, then `config/<NODE_ENV>.yaml`, then the environment, each over the
 * one before, and checks the result against every declared section.
 *
 * @throws ConfigurationError naming all wrong keys at once, never a secret's value
 */
export function loadConfig(
  env: NodeJS.ProcessEnv = process.env,
  directory = configDirectory(env),
): Configuration {
  const settings = readConfigFiles(env, directory);
  const { tree, origin, problems } = settings;
  problems.push(...layOver(settings, env));
  const sections = declaredSections();
  const known = new Set(sections.map((section) => section.name));
  for (const name of Object.keys(tree)) {
    if (!known.has(name))
      problems.push(`${name}: no such section (${origin.get(name) ?? 'config'})`);
  }
  const configuration: Configuration = {};
  for (const section of sections) {
    const value = check(section, settings);
    if (value) configuration[section.name] = value;
    if (value && env['NODE_ENV'] === 'production') {
      for (const [key, reason] of Object.entries(section.production(value))) {
        problems.push(`${section.name}.${key}: ${reason}`);
      }
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return configuration;
}

/**
 * Reads one section again, as it stands now: the files may have changed, the environment still goes over
 * them.
 *
 * @throws ConfigurationError naming all that is wrong with the files or the section
 */
export function reloadSection<S extends Section>(
  section: S,
  env: NodeJS.ProcessEnv = process.env,
  directory = configDirectory(env),
): ConfigOf<S> {
  const settings = readConfigFiles(env, directory);
  layOver(settings, env); // its problems were told at the start; it has not changed since
  const value = check(section, settings);
  if (!value || settings.problems.length > 0) throw new ConfigurationError(settings.problems);
  return value as ConfigOf<S>;
}

/** Lays the environment over the files; returns what is wrong with it. */
function layOver(settings: FileSettings, env: NodeJS.ProcessEnv): string[] {
  const { values, problems } = readEnvironment(env);
  for (const { path, value, variable } of values) {
    setIn(settings.tree, path, value);
    settings.origin.set(path.join('.'), variable);
  }
  return problems;
}

function check(
  section: Section,
  { tree, origin, problems }: FileSettings,
): Record<string, unknown> | undefined {
  const result = section.schema.safeParse(tree[section.name] ?? {});
  if (result.success) return result.data;
  const complain = (path: string[], message: string): void => {
    const source = originOf(path, origin);
    problems.push(`${path.join('.')}: ${message}${source ? ` (set by ${source})` : ''}`);
  };
  for (const issue of result.error.issues) {
    const path = [section.name, ...issue.path.map(String)];
    if (issue.code !== 'unrecognized_keys') complain(path, issue.message);
    else for (const key of issue.keys) complain([...path, key], noSuchKey(section, path));
  }
  return undefined;
}

/** Where a key was set: itself, or the list or mapping that it is a part of. */
function originOf(path: string[], origin: Map<string, string>): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const source = origin.get(path.slice(0, length).join('.'));
    if (source) return source;
  }
  return undefined;
}

function noSuchKey(section: Section, path: string[]): string {
  const siblings = leavesOf(section)
    .filter((leaf) => path.every((key, index) => leaf.path[index] === key))
    .flatMap((leaf) => leaf.path[path.length] ?? []);
  const known = [...new Set(siblings)].join(', ');
  return known ? `no such key; there are ${known}` : 'no such key';
}
