import { isGivenValue, isPrivateOfJwk, isSecretField } from './secret-fields.js';

/** A name and what stands between it and its value: `name=`, `name: `, `"name":`, `\"name\":\"`. */
const assignment = /([\p{L}_][\p{L}\p{N}_.-]{0,63})\\*["']?\s*(?:=>|[:=])\s*/gu;
/** The whole line is their value, with all its spaces and commas. */
const wholeLine = /cookie|authori[sz]ation/i;
const closing: Partial<Record<string, string>> = { '{': '}', '[': ']' };
const constants = /^(?:true|false|null|undefined|\[redacted\])(?![\w-])/;

/** Of what a check of the input says: `path: ['body', 'password']`. */
const paths = /\bpath\\*["']?\s*[:=]\s*\[([^\][]{1,256})\]/g;
/** The head of a block of YAML; in a JSON string its lines end with `\\n`. */
const block = /^[|>][+-]?\d?[+-]?[ \t]*(?:\r?\n|(?:\\{1,8}r)?(\\{1,8})n)/;
const lineEnd = /(?:\r?\n|(?:\\{1,8}r)?\\{1,8}n)([ \t]*)/g;

/** Hides the values of secret fields in a text, be it a log line, a dump, or JSON that was escaped any number of times. */
export function hideAssignments(text: string, hidden: string): string {
  const isSecret = secretsOf(text);
  let safe = '';
  let from = 0;
  assignment.lastIndex = 0;
  for (let found = assignment.exec(text); found; found = assignment.exec(text)) {
    const start = assignment.lastIndex;
    const name = found[1] ?? '';
    // Behind a backslash the first letter belongs to the end of a line.
    const isNamed = isSecret(name) || (text[found.index - 1] === '\\' && isSecret(name.slice(1)));
    if (!isNamed || constants.test(text.slice(start, start + 16))) continue;
    const around =
      found[0].includes('"') || found[0].includes("'") ? '' : quoteBefore(text, found.index);
    const quote = /^\\*["']/.exec(text.slice(start, start + 64))?.[0] ?? '';
    const end = quote
      ? endOfQuoted(text, start, quote)
      : around
        ? endOfQuoted(text, start - around.length, around)
        : endOfPlain(text, start, name);
    safe += `${text.slice(from, start)}${quote}${hidden}${text.startsWith(quote, end) ? quote : ''}`;
    from = Math.min(text.length, end + quote.length);
    assignment.lastIndex = from;
  }
  return from === 0 ? text : safe + text.slice(from);
}

/** In a key or in what is said of an input other names are secret too. */
function secretsOf(text: string): (name: string) => boolean {
  const isKey = /\bkty\b/.test(text);
  const isIssue = text.includes('path') && namesASecret(text);
  if (!isKey && !isIssue) return isSecretField;
  return (name) =>
    isSecretField(name) || (isKey && isPrivateOfJwk(name)) || (isIssue && isGivenValue(name));
}

function namesASecret(text: string): boolean {
  for (const [, path = ''] of text.matchAll(paths))
    if (path.split(/[^\p{L}\p{N}_-]+/u).some(isSecretField)) return true;
  return false;
}

/** The quote that a whole `'--name=value'` stands in. */
const quoteBefore = (text: string, at: number): string =>
  /(\\*["'])-{0,2}$/.exec(text.slice(Math.max(0, at - 8), at))?.[1] ?? '';

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
  const head = block.exec(text.slice(start, start + 32));
  if (head) return endOfBlock(text, start, head[1] !== undefined);
  const stop = wholeLine.test(name) ? /[\r\n]/g : /[\s,;&}\]"'\\]/g;
  stop.lastIndex = start;
  return stop.exec(text)?.index ?? text.length;
}

/** The first line that is not empty and stands no deeper than the name, or the end of the string that it is in. */
function endOfBlock(text: string, start: number, isInString: boolean): number {
  // Splitting keeps what the expression captures: the spaces before each line.
  const lines = `\n${text.slice(Math.max(0, start - 256), start)}`.split(lineEnd);
  const [spaces = '', line = ''] = lines.slice(-2);
  const indent = spaces.length + (/^[- ]*/.exec(line)?.[0].length ?? 0);
  const quote = isInString ? text.indexOf('"', start) : -1;
  const last = quote < 0 ? text.length : quote;
  lineEnd.lastIndex = start;
  for (let end = lineEnd.exec(text); end && end.index < last; end = lineEnd.exec(text)) {
    const isEmpty = /^(?:$|[\r\n]|\\{1,8}[rn])/.test(
      text.slice(lineEnd.lastIndex, lineEnd.lastIndex + 9),
    );
    if (!isEmpty && (end[1] ?? '').length <= indent) return end.index;
  }
  return last;
}
