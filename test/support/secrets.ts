/** What no line of a log may hold, recognised by its shape. */
const shapes: readonly [name: string, shape: RegExp][] = [
  ['an access token', /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/],
  ['a refresh token', /\bmr_[\w-]{22}\.[\w-]{16,}/],
  ['an API key', /\bmk_[\w-]{24,}/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY/],
  ['a password hash', /\$argon2id?\$|\$2[abxy]\$\d\d\$/],
  // The redacted form is `a***@d***`.
  ['an e-mail address', /[\p{L}\p{N}_.+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/u],
];

/** Secrets without a shape of their own, such as passwords, that the tests of this file made. */
const made = new Set<string>();

/** Notes a secret, so that it is looked for in every line that a process of this test file writes. */
export function keepSecret<T extends string>(secret: T): T {
  made.add(secret);
  return secret;
}

/** What a line tells that it should not, without repeating it; undefined for a good one. */
export function leakIn(line: string): string | undefined {
  for (const [name, shape] of shapes) if (shape.test(line)) return name;
  for (const secret of made) if (line.includes(secret)) return 'a password';
  return undefined;
}
