import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of the pages, as it is sent. */
export interface LinkPageFile {
  type: string;
  text: string;
}

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};

const folder = join(import.meta.dirname, 'page');
/** Every file there is: no folder is served. */
const names = ['verify-email.html', 'reset-password.html', 'link-page.css', 'link-page.js'];

const files = new Map<string, LinkPageFile>();

/** The file of that name, read when it is first asked for; undefined where there is none. */
export function linkPageFile(name: string): LinkPageFile | undefined {
  if (!names.includes(name)) return undefined;
  let file = files.get(name);
  if (!file) {
    const kind = name.slice(name.lastIndexOf('.') + 1) as keyof typeof types;
    file = { type: types[kind], text: readFileSync(join(folder, name), 'utf8') };
    files.set(name, file);
  }
  return file;
}
