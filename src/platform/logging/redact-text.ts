import { hideAssignments } from './hide-assignments.js';
import { isSecretField } from './secret-fields.js';

export const HIDDEN = '[redacted]';
/** A longer text is cut: it was not meant for a log, and searching it takes time. */
const MAX_LENGTH = 16_384;

/** Most texts have none of these, and are left alone after one look. */
const suspicious =
  /[@%?]|eyj|mk_|:\/\/|pass|pwd|pw|secret|token|cookie|auth|otp|pin|sid|session|jwt|key|ticket|credential|srf|bearer|basic|cv[vc]/i;

const jwt = /\beyJ[\w-]{8,}(?:\.[\w-]*){0,4}/g;
const bearer = /\b(Bearer\s+)[A-Za-z0-9._~+/=-]+/gi;
const basic = /\b(Basic\s+)([A-Za-z0-9+/_-]{4,}={0,2})/gi;
const apiKey = /\bmk_[\w-]{4,}/g;
/** `scheme://user:password@`; the user's name is nobody's business either. */
const userInfo = /(:\/\/)[^\s/?#"'<>]{1,512}@/g;
/** Of query strings, fragments and forms. */
const parameter = /([?&#;]|^)([\w.%[\]-]{1,64})=([^&#\s"'<>]+)/g;
const email =
  /("(?:[^"\\\r\n]|\\.){1,64}"|[\p{L}\p{N}.!#$&'*+=^_~-](?:[\p{L}\p{N}.!#$%&'*+=^_~-]{0,63}))(?:@|%40)((?:[\p{L}\p{N}-]{1,63}\.)+\p{L}[\p{L}\p{N}-]+|\[[\da-f.:]+\])/giu;
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
  let safe = text
    .replace(jwt, HIDDEN)
    .replace(bearer, `$1${HIDDEN}`)
    .replace(basic, (whole, scheme: string, value: string) =>
      Buffer.from(value, 'base64').includes(':') ? `${scheme}${HIDDEN}` : whole,
    )
    .replace(apiKey, HIDDEN);
  if (safe.includes('://')) safe = safe.replace(userInfo, `$1${HIDDEN}@`);
  if (safe.includes('=')) safe = safe.replace(parameter, hideParameter);
  if (/[:=]/.test(safe)) safe = hideAssignments(safe, HIDDEN);
  if (/@|%40/.test(safe)) safe = safe.replace(email, hideEmail);
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
