import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { projectRoot } from './data-directory.js';

/** A mapping as YAML gives it, nothing of it checked. */
export type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Where the configuration files stand. */
export function configDirectory(env: NodeJS.ProcessEnv = process.env): string {
  // Set but empty counts as not set, as with every variable.
  const given = env['MAINSTAY_CONFIG_DIR'];
  return given ? resolve(given) : join(projectRoot, 'config');
}

/** The files that count in this environment, each over the one before; none has to be there. */
export function configFiles(env: NodeJS.ProcessEnv, directory: string): string[] {
  return ['default.yaml', `${environmentOf(env)}.yaml`].map((name) => join(directory, name));
}

function environmentOf({ NODE_ENV: given = '' }: NodeJS.ProcessEnv): string {
  return given === '' ? 'development' : given;
}

/** A misspelt production would start with the embedded database and keys of its own. */
function misspelt(env: NodeJS.ProcessEnv, directory: string): string[] {
  const environment = environmentOf(env);
  const problems: string[] = [];
  if (env['MAINSTAY_CONFIG_DIR'] && !existsSync(directory))
    problems.push(`MAINSTAY_CONFIG_DIR: there is no folder "${directory}"`);
  const isKnown = ['development', 'test', 'production'].includes(environment);
  if (!isKnown && !existsSync(join(directory, `${environment}.yaml`)))
    problems.push(
      `NODE_ENV: expected development, test or production, or the name of a file like config/${environment}.yaml`,
    );
  return problems;
}

/** What the files say together, and which of them each key comes from. */
export interface FileSettings {
  tree: Tree;
  /** Key in dots -> file. */
  origin: Map<string, string>;
  problems: string[];
}

export function readConfigFiles(env: NodeJS.ProcessEnv, directory: string): FileSettings {
  const problems = misspelt(env, directory);
  const settings: FileSettings = { tree: {}, origin: new Map(), problems };
  for (const file of configFiles(env, directory)) {
    const name = `config/${basename(file)}`;
    merge(settings.tree, readYaml(file, settings.problems), [], (path) => {
      settings.origin.set(path, name);
    });
  }
  return settings;
}

/** Sets one key over what is there. */
export function setIn(tree: Tree, path: string[], value: unknown): void {
  let node = tree;
  for (const key of path.slice(0, -1)) {
    const next = node[key];
    node = isTree(next) ? next : (node[key] = {});
  }
  node[path.at(-1) ?? ''] = value;
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
