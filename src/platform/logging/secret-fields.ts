/** Nobody calls anything else so: these count wherever they stand in a name, however it is spelt. */
const telling =
  /passw(?:or)?[dt]|kennwort|passphrase|passcode|secret(?!ar)|token(?!i[sz])|cookie|authori[sz]ation(?!s)|credential|jwt|bearer|[cx]srf|(?:api|internal|private|encryption|signing|access|master|session|shared)keys?|verifier|(?:recovery|backup|verification|confirmation|reset|mfa|2fa|tfa|twofactor)code/;
/** Short ones are part of other words (compass, spin, inside): they count as a word of their own, at the end. */
const short = new Set(
  'pass passwd pwd psw pw otp totp pin cvv cvc sid session ticket auth signature'.split(' '),
);
/** Or before one of these. */
const holders = new Set('code key value hash word phrase data header text string'.split(' '));
/** What tells of a secret without being one: `tokens_total`, `token_type`, `password_changed_at`. */
const harmless =
  /^(?:total|count|type|kind|id|ids|name|at|in|on|expiry|expires|expiration|ttl|age|length|size|limit|max|min|used|version|algorithm|policy|seconds|ms|created|changed|revoked|expired|rejected|failed|enabled|required)$/;

/** The names of fields are few, but for those of objects that were never meant for a log. */
const MAX_KNOWN = 2000;
const known = new Map<string, boolean>();

/** Members of a JSON Web Key that are private; the names are too short to be asked for anywhere else. */
const ofJwk = new Set('d p q dp dq qi k oth'.split(' '));

/** Whether a field holds the private part of a key, if it stands beside a `kty`. */
export const isPrivateOfJwk = (name: string): boolean => ofJwk.has(name);

/** Whether a field holds what was given for another one that is named beside it. */
export const isGivenValue = (name: string): boolean =>
  /^(?:val(?:ue)?|received|input|actual|data)$/i.test(name);

/** Whether a field of that name holds what must not be read, be it in camel, snake, kebab or upper case. */
export function isSecretField(name: string): boolean {
  let secret = known.get(name);
  if (secret === undefined) {
    secret = judge(name);
    if (known.size >= MAX_KNOWN) known.clear();
    if (name.length <= 64) known.set(name, secret);
  }
  return secret;
}

function judge(name: string): boolean {
  const words = wordsOf(name.slice(0, 256));
  const last = words.at(-1)?.replace(/(?<=\D)\d+$/, '') ?? '';
  if (short.has(last)) return true;
  if (holders.has(last) && words.slice(0, -1).some((word) => short.has(word))) return true;
  const squashed = words.join('');
  return telling.test(squashed) && !(words.length > 1 && harmless.test(last));
}

/** `x-Auth_tokenHTTP` → x, auth, token, http */
function wordsOf(name: string): string[] {
  return name
    .normalize('NFKC')
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word !== '');
}
