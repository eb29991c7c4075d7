import type { FastifyInstance, FastifyRequest } from 'fastify';
import { platformErrors } from '../errors/platform.errors.js';
import { isStorable } from './text.js';

type Done = (error: Error | null, body?: unknown) => void;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads JSON bodies more strictly than JSON.parse: bytes that are not UTF-8 are refused instead of
 * being replaced, `__proto__` and `constructor` are refused, and so are objects that name a key
 * twice, because two readers of such a text would see two different requests. NUL and lone surrogates,
 * which nothing can store, are refused wherever they stand, in passwords and tokens too.
 */
export function jsonBodyParser(
  fastify: FastifyInstance,
): (request: FastifyRequest, body: Buffer, done: Done) => void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  return (request, body, done) => {
    // Many clients name the type with every request. Where a body is needed, the route's schema says so.
    if (body.length === 0) return done(null, undefined);
    let text: string;
    try {
      text = utf8.decode(body);
    } catch {
      return done(refused('The body is not UTF-8.'));
    }
    void parse(request, text, (error, value: unknown) => {
      if (!error && countColons(text) !== countKeys(value)) {
        return done(refused('The body names a key twice.'));
      }
      // In JSON only an escape can be one.
      const path = !error && text.includes('\\u') ? unstorableAt(value) : undefined;
      if (path !== undefined) return done(unstorable(path));
      done(error, value);
    });
  };
}

const refused = (detail: string): Error => platformErrors.malformed_request({ detail });

const unstorable = (path: string): Error =>
  platformErrors.validation_failed({
    errors: [{ path, code: 'invalid_format', message: 'NUL and lone surrogates are not allowed' }],
  });

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Colons outside of strings: as many as the text names keys. */
export function countColons(json: string): number {
  let colons = 0;
  let inString = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === QUOTE) inString = !inString;
    else if (inString && code === BACKSLASH) i++;
    else if (!inString && code === COLON) colons++;
  }
  return colons;
}

/** Keys of all objects within a value: fewer than the text names when one was named twice. */
export function countKeys(value: unknown): number {
  let keys = 0;
  const pending = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next)) keys += Object.keys(next).length;
    for (const child of Object.values(next) as unknown[]) pending.push(child);
  }
  return keys;
}

/** Where a value holds text that nothing can store, keys included; undefined where all of it can be stored. */
export function unstorableAt(value: unknown): string | undefined {
  const pending: [path: string, value: unknown][] = [['', value]];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const [path, found] = next;
    if (typeof found === 'string' && !isStorable(found)) return path;
    if (typeof found !== 'object' || found === null) continue;
    for (const [key, child] of Object.entries(found)) {
      if (!isStorable(key)) return path;
      pending.push([path === '' ? key : `${path}.${key}`, child]);
    }
  }
  return undefined;
}
