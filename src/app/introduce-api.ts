/** What the API document says before its first route: what holds for all of them and stands beside none. */
export const introduction = `Accounts, posts and realtime.

- **Errors** are \`application/problem+json\` (RFC 9457); \`/errors\` lists their codes. Beside what stands with its route,
  every path may answer 405 with \`Allow\`, 408 and 431 to requests that do not arrive or have too many headers, 414 to an
  address that is too long, and 500.
- **Limits**: \`X-RateLimit-*\` tell of the tightest one. After 429 wait for \`Retry-After\`, then back off exponentially with jitter.
- **Caching**: answers of reads have an \`ETag\`; \`If-None-Match\` with it is answered 304 while nothing has changed. Where
  \`If-Match\` is taken, a stale one is 412. HEAD is answered wherever GET is. \`Cache-Control\` is \`private, no-cache\`,
  and \`no-store\` on answers with tokens.
- **Repeats**: every POST takes an \`Idempotency-Key\`. What ends the credential that asks for it (a logout) is refused the next time: 401.
- **Lists** are \`{items, nextCursor}\`; \`?limit=\` and \`?cursor=\` lead through them.
- **Browsers** may rely on a cookie instead of a token; what they write then needs \`X-CSRF-Token\`.
- Public routes need no credential. One that is sent with a read must be valid: it says who looks.
- All answers carry headers that keep browsers from running, framing or guessing at what is in them (\`Content-Security-Policy\`
  and the like).`;
