import { hideAssignments } from './hide-assignments.js';
import { hideMarkup } from './redact-markup.js';
import { hideUserInfo } from './redact-user-info.js';
import { isSecretField } from './secret-fields.js';

export const HIDDEN = '[redacted]';
/** A longer text is cut: it was not meant for a log, and searching it takes time. */
export const MAX_LENGTH = 16_384;

/** Most texts have none of these, and are left alone after one look. */
const suspicious =
  /[@＠﹫%?]|eyj|m[kr]_|:\/\/|pass|pwd|pw|psw|secret|token|cookie|auth|otp|pin|sid|session|jwt|key|kty|ticket|credential|srf|bearer|basic|cv[vc]|sign|verif|code|path/i;

const jwt = /\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g;
const bearer = /\b(Bearer\s+)[A-Za-z0-9._~+/=-]+/gi;
const basic = /\b(Basic\s+)([A-Za-z0-9+/_-]{4,}={0,2})/gi;
/** And refresh tokens, `mr_….…`. */
const apiKey = /\bm[kr]_[\w-]{4,}(?:\.[\w-]+)?/g;
/** To the end of the text, where the end of the key is cut off. */
const privateKey =
  /-{4,5} ?BEGIN [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}[^]*?(?:-{4,5} ?END [A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}|$)/g;
/** Of query strings, fragments and forms. */
const parameter = /([?&#;]|^)([\w.%[\]-]{1,64})=([^&#\s"'<>]+)/g;
const at = /[@＠﹫]|%(?:25){0,4}40/;
/** `name@1.2.3-beta.x` and `name@v4` are packages. */
const noVersion = /(?!v\d|\d+\.\d+(?:\.\d+)?(?:[-+]|(?![\p{L}\p{N}.-])))/u;
const email = new RegExp(
  [
    /("(?:[^"\\\r\n]|\\.){1,64}"|[\p{L}\p{N}.!#$&'*+=^_~-](?:[\p{L}\p{N}.!#$%&'*+=^_~-]{0,63}))/u,
    new RegExp(`(?:${at.source})`),
    noVersion,
    /((?:[\p{L}\p{N}-]{1,63}\.)*\p{L}[\p{L}\p{N}-]+|\[[\da-f.:]+\])/u,
  ]
    .map(({ source }) => source)
    .join(''),
  'giu',
);
/** What is asked of the names of parameters beside `isSecretField`: OAuth's, and those of signed links. */
const parameters = new Set(['code', 'state', 'key', 'sig', 'signature', 'auth', 'nonce']);

/**
 * Hides what must not be read in a text: e-mail addresses (`a***@d***`), tokens, keys, passwords in
 * addresses, and the values of secret fields in whatever notation they stand.
 */
export function redactText(text: string): string {
  // Half a character is an escape that strict readers of JSON refuse, with the whole line.
  if (!text.isWellFormed()) return redactText(text.toWellFormed());
  if (!suspicious.test(text)) return text.length > MAX_LENGTH ? cut(text) : text;
  return search(text.length > MAX_LENGTH ? cut(text) : text);
}

function cut(text: string): string {
  return `${text.slice(0, MAX_LENGTH).toWellFormed()}… (${text.length} characters)`;
}

function search(text: string): string {
  let safe = (text.includes('PRIVATE KEY') ? text.replace(privateKey, HIDDEN) : text)
    .replace(jwt, HIDDEN)
    .replace(bearer, `$1${HIDDEN}`)
    .replace(basic, (whole, scheme: string, value: string) =>
      Buffer.from(value, 'base64').includes(':') ? `${scheme}${HIDDEN}` : whole,
    )
    .replace(apiKey, HIDDEN);
  if (safe.includes('://') && safe.includes('@')) safe = hideUserInfo(safe, HIDDEN);
  if (safe.includes('name=') || safe.includes('</')) safe = hideMarkup(safe, HIDDEN);
  if (safe.includes('=')) safe = safe.replace(parameter, hideParameter);
  if (/[:=]/.test(safe)) safe = hideAssignments(safe, HIDDEN);
  if (at.test(safe)) safe = safe.replace(email, hideEmail);
  return safe;
}

function hideParameter(whole: string, before: string, name: string, value: string): string {
  const plain = decoded(name);
  const content = value.includes('%') ? decoded(value) : ''; // an address within an address
  const hides =
    isSecretField(plain) ||
    (before !== '' && parameters.has(plain.toLowerCase())) ||
    (content !== value && redactText(content) !== content);
  return hides ? `${before}${name}=${HIDDEN}` : whole;
}

function hideEmail(_whole: string, local: string, domain: string): string {
  const first = (part: string): string => /[\p{L}\p{N}]/u.exec(part)?.[0] ?? '*';
  return `${first(local)}***@${first(domain)}***`;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
