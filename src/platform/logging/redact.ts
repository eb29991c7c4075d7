/** Field names whose values never reach a log, however deep they stand and however they are spelt. */
const secretField =
  /pass(word|wd|phrase)?$|secret|token|cookie|authorization|(?:api|internal)[-_]?key|private[-_]?key|credential|ticket$/i;
const email = /([A-Za-z0-9])[A-Za-z0-9._%+-]*@([A-Za-z0-9])[A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+/g;
const bearer = /\b(Bearer\s+)[A-Za-z0-9._~+/=-]+/gi;
const basic = /\b(Basic\s+)[A-Za-z0-9+/=]{16,}/gi;
const jwt = /\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g;
const MAX_DEPTH = 8;

/** Hides e-mail addresses (`a***@d***`), bearer tokens, Basic credentials and JWTs in a text. */
export function redactText(text: string): string {
  if (!text.includes('@') && !text.includes('eyJ') && !/bearer|basic/i.test(text)) return text;
  return text
    .replace(jwt, '[redacted]')
    .replace(bearer, '$1[redacted]')
    .replace(basic, '$1[redacted]')
    .replace(email, '$1***@$2***');
}

/** A copy of the value that is safe to log. Runs only for records that carry objects of their own. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth + 1));
  const safe: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    safe[key] =
      secretField.test(key) && item !== undefined ? '[redacted]' : redact(item, depth + 1);
  }
  return safe;
}

/** Keeps type, message, stack, code and cause of an error; a driver's `detail` can hold row values. */
function redactError(error: Error, depth: number): Record<string, unknown> {
  const code = (error as { code?: unknown }).code;
  return {
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...(typeof code === 'string' && { code }),
    ...(error.cause !== undefined && { cause: redact(error.cause, depth + 1) }),
  };
}
