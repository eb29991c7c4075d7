import { isNameOfSecret, MAX_NAME, namesASecret, safeName } from './redact-names.js';
import { HIDDEN, MAX_LENGTH, redactText } from './redact-text.js';
import { isGivenValue, isPrivateOfJwk, isSecretField } from './secret-fields.js';

const MAX_DEPTH = 8;
const MAX_ITEMS = 100;
/** Values of one record; a request or a socket that somebody logs by mistake has ten thousands. */
const MAX_VALUES = 1000;
/** Characters of one record that are searched; what is more would keep everybody waiting. */
const MAX_SEARCHED = 256 * 1024;
/** The last of them are for short texts: beside a dump stand the codes and ids that explain it. */
const RESERVE = 16_384;
const SHORT = 1024;

/** One walk through a record. */
interface Walk {
  left: number;
  characters: number;
  /** The objects that the value at hand stands in. */
  readonly above: object[];
}

/**
 * A copy of the value that is safe to log: no secret in it, nothing that cannot be serialised, bounded
 * in depth and size. Never throws, whatever it is given.
 */
export function redact(value: unknown): unknown {
  return safely(value, { left: MAX_VALUES, characters: MAX_SEARCHED, above: [] });
}

function safely(value: unknown, walk: Walk): unknown {
  try {
    return copyOf(value, walk);
  } catch {
    return '[unreadable]'; // a getter or a proxy that throws
  }
}

function copyOf(value: unknown, walk: Walk): unknown {
  switch (typeof value) {
    case 'string':
      return redactJson(value, walk) ?? search(value, walk);
    case 'bigint':
    case 'symbol':
      return search(value.toString(), walk);
    case 'function':
      return '[function]';
    case 'object':
      return value === null ? null : copyObject(value, walk);
    case 'boolean':
    case 'number':
    case 'undefined':
      return value;
  }
}

/** A text without its secrets, or of what is beyond the budget only the length. */
function search(text: string, walk: Walk): string {
  const cost = Math.min(text.length, MAX_LENGTH);
  if (cost > walk.characters - (cost > SHORT ? RESERVE : 0)) return `[${text.length} characters]`;
  walk.characters -= cost;
  return redactText(text);
}

function copyObject(value: object, walk: Walk): unknown {
  if (walk.above.includes(value)) return '[circular]';
  if (walk.above.length > MAX_DEPTH) return '[deep]';
  if (walk.left-- <= 0) return '[cut]';
  walk.above.push(value);
  try {
    return copyInside(value, walk);
  } finally {
    walk.above.pop();
  }
}

function copyInside(value: object, walk: Walk): unknown {
  if (value instanceof Error || isForeignError(value)) return copyError(value, walk);
  if (Array.isArray(value)) return copyList(value, walk);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer)
    return `[${value.byteLength} bytes]`;
  if (value instanceof Map) return copyMap(value, walk);
  if (value instanceof Set) return copyList([...value].slice(0, MAX_ITEMS), walk);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return safely(toJSON.call(value, ''), walk);
  const fields = value as Record<string, unknown>;
  const keys = Object.keys(fields);
  return copyFields(keys, (index) => fields[keys[index] ?? ''], walk);
}

function copyMap(map: Map<unknown, unknown>, walk: Walk): Record<string, unknown> {
  const entries = [...map].slice(0, MAX_VALUES);
  const nameOf = (key: unknown): string =>
    typeof key === 'string' ? key : typeof key === 'number' ? `${key}` : typeof key;
  return copyFields(
    entries.map(([key]) => nameOf(key)),
    (index) => entries[index]?.[1],
    walk,
  );
}

/** @param at the value of the field that stands at this place; may be a getter that throws */
function copyFields(
  keys: string[],
  at: (index: number) => unknown,
  walk: Walk,
): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  const isJwk = keys.includes('kty');
  const isPair = keys.length < 16 && namesASecret(keys, (index) => read(at, index));
  for (const [index, key] of keys.entries()) {
    if (walk.left-- <= 0) break;
    const value = read(at, index);
    const hides =
      isSecretField(key) || (isPair && isGivenValue(key)) || (isJwk && isPrivateOfJwk(key));
    const copy = hides ? hidden(key, value) : safely(value, walk);
    if (copy !== undefined)
      put(safe, key.length > MAX_NAME ? search(key, walk) : safeName(key), copy);
  }
  return safe;
}

function read(at: (index: number) => unknown, index: number): unknown {
  try {
    return at(index);
  } catch {
    return '[unreadable]';
  }
}

/** That there is nothing, yes or no, or how many there are, is no secret. */
function hidden(key: string, value: unknown): unknown {
  const tells =
    value === undefined ||
    value === null ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && /tokens$/i.test(key));
  return tells ? value : HIDDEN;
}

function put(safe: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') safe[key] = value;
  else Object.defineProperty(safe, key, { value, enumerable: true });
}

/** In a list of headers each name is followed by its value, or stands in a pair with it. */
function copyList(list: unknown[], walk: Walk): unknown[] {
  return list
    .slice(0, MAX_ITEMS)
    .map((item, at) =>
      at % 2 === 1 && isNameOfSecret(list[at - 1]) && typeof item !== 'object'
        ? HIDDEN
        : safely(item, walk),
    );
}

/** Keeps type, message, stack, code and causes of an error; a driver's `detail` or `where` can hold row values. */
function copyError(error: Error, walk: Walk): Record<string, unknown> {
  const { code, cause, errors } = error as Error & { code?: unknown; errors?: unknown };
  return {
    type: textOf(error.name, walk),
    message: textOf(error.message, walk),
    stack: typeof error.stack === 'string' ? search(error.stack, walk) : '',
    ...(typeof code === 'string' && { code: search(code, walk) }),
    ...(cause !== undefined && { cause: safely(cause, walk) }),
    ...(Array.isArray(errors) && { errors: copyList(errors, walk) }),
  };
}

/** Who throws may have put anything where a text belongs. */
function textOf(value: unknown, walk: Walk): string {
  if (typeof value === 'string') return redactJson(value, walk) ?? search(value, walk);
  return value === undefined ? '' : JSON.stringify(safely(value, walk));
}

/** One of another context, e.g. of `node:vm`. */
const isForeignError = (value: object): value is Error =>
  Object.prototype.toString.call(value) === '[object Error]';

/** JSON inside of a string hides nothing from us. */
function redactJson(text: string, walk: Walk): string | undefined {
  const first = text.trimStart()[0];
  if ((first !== '{' && first !== '[') || text.length > MAX_LENGTH) return undefined;
  if (text.length > walk.characters - RESERVE) return undefined;
  walk.characters -= text.length;
  try {
    return JSON.stringify(copyOf(JSON.parse(text), walk));
  } catch {
    return undefined; // it only looked like JSON
  }
}
