import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A file of the page, as it is sent. */
export interface ConsoleFile {
  type: string;
  text: string;
}

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

const page = join(import.meta.dirname, 'page');
const uplot = dirname(createRequire(import.meta.url).resolve('uplot'));

/** Every file there is, by the name in its address: no folder is served. */
const paths: Readonly<Record<string, string>> = {
  'index.html': join(page, 'index.html'),
  'console.css': join(page, 'console.css'),
  'panels.css': join(page, 'panels.css'),
  'theme.css': join(page, 'theme.css'),
  'console.js': join(page, 'console.js'),
  'format.js': join(page, 'format.js'),
  'plots.js': join(page, 'plots.js'),
  'show.js': join(page, 'show.js'),
  'stream.js': join(page, 'stream.js'),
  'tables.js': join(page, 'tables.js'),
  'theme.js': join(page, 'theme.js'),
  'uplot.css': join(uplot, 'uPlot.min.css'),
  'uplot.js': join(uplot, 'uPlot.esm.js'),
};

const files = new Map<string, ConsoleFile>();

/** The file of that name, read when it is first asked for; undefined where there is none. */
export function consoleFile(name: string): ConsoleFile | undefined {
  const known = files.get(name);
  const path = Object.hasOwn(paths, name) ? paths[name] : undefined;
  if (known || path === undefined) return known;
  const kind = name.slice(name.lastIndexOf('.') + 1) as keyof typeof types;
  const file = { type: types[kind], text: readFileSync(path, 'utf8') };
  files.set(name, file);
  return file;
}
