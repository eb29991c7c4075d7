import { isSecretField } from './secret-fields.js';

/** A name and what stands between it and its value: `name=`, `name: `, `"name":`, `\"name\":\"`. */
const assignment = /([\p{L}_][\p{L}\p{N}_.-]{0,63})\\*["']?\s*(?:=>|[:=])\s*/gu;
/** The whole line is their value, with all its spaces and commas. */
const wholeLine = /cookie|authori[sz]ation/i;
const closing: Partial<Record<string, string>> = { '{': '}', '[': ']' };
const constants = /^(?:true|false|null|undefined|\[redacted\])(?![\w-])/;

/** Hides the values of secret fields in a text, be it a log line, a dump, or JSON that was escaped any number of times. */
export function hideAssignments(text: string, hidden: string): string {
  let safe = '';
  let from = 0;
  assignment.lastIndex = 0;
  for (let found = assignment.exec(text); found; found = assignment.exec(text)) {
    const start = assignment.lastIndex;
    const name = found[1] ?? '';
    if (!isSecretField(name) || constants.test(text.slice(start, start + 16))) continue;
    const quote = /^\\*["']/.exec(text.slice(start, start + 64))?.[0] ?? '';
    const end = quote ? endOfQuoted(text, start, quote) : endOfPlain(text, start, name);
    safe += `${text.slice(from, start)}${quote}${hidden}${text.startsWith(quote, end) ? quote : ''}`;
    from = Math.min(text.length, end + quote.length);
    assignment.lastIndex = from;
  }
  return from === 0 ? text : safe + text.slice(from);
}

/** Where the same quote stands again, behind no more backslashes than the first one has. */
function endOfQuoted(text: string, start: number, quote: string): number {
  const mark = quote.at(-1) ?? '"';
  for (let at = start + quote.length; ; at++) {
    at = text.indexOf(mark, at);
    if (at < 0) return text.length;
    let backslashes = 0;
    while (text[at - backslashes - 1] === '\\') backslashes++;
    if (backslashes < quote.length) return at - backslashes;
  }
}

function endOfPlain(text: string, start: number, name: string): number {
  const close = closing[text[start] ?? ''];
  if (close) {
    const at = text.lastIndexOf(close);
    return at < start ? text.length : at;
  }
  const stop = wholeLine.test(name) ? /[\r\n]/g : /[\s,;&}\]"'\\]/g;
  stop.lastIndex = start;
  return stop.exec(text)?.index ?? text.length;
}
