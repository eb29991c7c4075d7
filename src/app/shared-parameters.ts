import type { OpenAPIObject } from '@nestjs/swagger';

type Parameters = NonNullable<NonNullable<OpenAPIObject['components']>['parameters']>;

const header = (name: string, description: string, schema: object = {}) => ({
  name,
  in: 'header' as const,
  required: false,
  description,
  schema: { type: 'string' as const, ...schema },
});

/** The headers that more than one route takes. They stand once in the document, and routes refer to them. */
export const sharedParameters = {
  RequestId: header(
    'X-Request-Id',
    'An id for the request, which the answer and our logs name. One that does not fit is replaced.',
    { pattern: '^[A-Za-z0-9._-]{1,64}$' },
  ),
  TraceParent: header(
    'traceparent',
    'W3C Trace Context: the trace that the request is a part of. A malformed one starts a new trace.',
  ),
  IfNoneMatch: header(
    'If-None-Match',
    'An `ETag` that is known: 304 while the answer is the same.',
  ),
  IfMatch: header(
    'If-Match',
    'The `ETag` of the resource as it was read; 412 when it is another one by now.',
  ),
  IdempotencyKey: header(
    'Idempotency-Key',
    'A repeat with the same key within 24 h is answered as the first was, with `Idempotency-Replayed: true`; with another body 422, while the first is running 409. Let it be random, a UUID: what is stored of the answer may hold tokens, and is sealed under this key alone.',
    { minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
  ),
  CsrfToken: header(
    'X-CSRF-Token',
    'Needed only with the session cookie, as is an `Origin` that is listed, else 403; without effect beside a token in `Authorization`. Logging in with `mode=cookie` and `GET /api/v1/auth/csrf` give it.',
  ),
  ConsistencyToken: header(
    'X-Consistency-Token',
    'The header of a write’s answer, unchanged: where reads go to replicas, the answer is not older than that write.',
  ),
} satisfies Parameters;

/** Refers to a shared parameter. */
export const take = (name: keyof typeof sharedParameters): { $ref: string } => ({
  $ref: `#/components/parameters/${name}`,
});
