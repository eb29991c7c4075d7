import { isSecretField } from './secret-fields.js';

const openTag = /<([\p{L}_][\p{L}\p{N}_:.-]{0,63})(?:\s[^<>]{0,256})?>/gu;
/** The head of a part of `multipart/form-data`, up to the empty line; in a JSON string its lines end with `\\r\\n`. */
const partHead =
  /\bname=\\*["']?([^"'\\\r\n;]{1,64})[^\r\n]{0,512}?(?:\r?\n[^\r\n]{1,256}){0,4}(?:\r?\n\r?\n|\\{1,8}r\\{1,8}n\\{1,8}r\\{1,8}n|\\{1,8}n\\{1,8}n)/g;
const partEnd = /(?:\r?\n|(?:\\{1,8}r)?\\{1,8}n)--/g;

/** Hides the values of secret fields in XML and in forms of several parts, where they stand behind no sign of their own. */
export function hideMarkup(text: string, hidden: string): string {
  let safe = text;
  if (safe.includes('</')) safe = hideBehind(safe, openTag, hidden, endsOfElements());
  if (safe.includes('name=')) safe = hideBehind(safe, partHead, hidden, endOfPart);
  return safe;
}

type End = (text: string, start: number, name: string) => number;

function hideBehind(text: string, head: RegExp, hidden: string, endOf: End): string {
  let safe = '';
  let from = 0;
  head.lastIndex = 0;
  for (let found = head.exec(text); found; found = head.exec(text)) {
    const name = found[1] ?? '';
    if (!isSecretField(name)) continue;
    const start = head.lastIndex;
    const end = endOf(text, start, name);
    if (end <= start) continue;
    safe += `${text.slice(from, start)}${hidden}`;
    from = end;
    head.lastIndex = from;
  }
  return from === 0 ? text : safe + text.slice(from);
}

/** Without an end it is no element, but e.g. a placeholder; what once was not found is not looked for again. */
function endsOfElements(): End {
  const missing = new Set<string>();
  return (text, start, name) => {
    const end = missing.has(name) ? -1 : text.indexOf(`</${name}`, start);
    if (end < 0) missing.add(name);
    return end;
  };
}

const endOfPart: End = (text, start) => {
  partEnd.lastIndex = start;
  return partEnd.exec(text)?.index ?? text.length;
};
