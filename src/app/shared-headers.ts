import type { OpenAPIObject } from '@nestjs/swagger';

type Headers = NonNullable<NonNullable<OpenAPIObject['components']>['headers']>;

const text = { type: 'string' as const };
const count = { type: 'integer' as const, minimum: 0 };

/** The headers of more than one route's answers, by their names. `required` ones are never left out. */
const headers: Headers = {
  'X-Request-Id': {
    description: 'The id of the request: the one that was sent, or a new one.',
    required: true,
    schema: text,
  },
  'X-RateLimit-Limit': {
    description:
      'What the tightest limit allows. The three are left out where nothing was counted: of a body that could not be read, and for callers without limits.',
    schema: count,
  },
  'X-RateLimit-Remaining': { description: 'What is left of the tightest limit.', schema: count },
  'X-RateLimit-Reset': {
    description: 'When the tightest limit is whole again, in seconds since 1970.',
    schema: count,
  },
  'X-Degraded': {
    description: 'Answered without a dependency that is normally used.',
    schema: { type: 'string', enum: ['cache'] },
  },
  ETag: {
    description: 'Of these very bytes: for `If-None-Match`, and for `If-Match` where it is taken.',
    required: true,
    schema: text,
  },
  'Idempotency-Replayed': {
    description: 'The answer of an earlier request with the same `Idempotency-Key`.',
    schema: { type: 'string', enum: ['true'] },
  },
  'X-Consistency-Token': {
    description:
      'Where reads go to replicas: send it back with a read that must see this write, whoever answers it.',
    schema: text,
  },
  'WWW-Authenticate': {
    description: '`Bearer`; on routes of operators Basic as well.',
    required: true,
    schema: text,
  },
  'Retry-After': {
    description: 'Seconds to wait before the request is repeated, with backoff and jitter.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
  },
};

const keyOf = (name: string): string => name.replaceAll('-', '');

/** They stand once in the document, and answers refer to them. */
export const sharedHeaders: Headers = Object.fromEntries(
  Object.entries(headers).map(([name, header]) => [keyOf(name), header]),
);

/** Refers to shared headers. */
export function refer(...names: string[]): Headers {
  return Object.fromEntries(
    names.map((name) => [name, { $ref: `#/components/headers/${keyOf(name)}` }]),
  );
}

/** What every answer of the API may carry, whatever its status. */
export const limitHeaders = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'];
export const headersOfAll = ['X-Request-Id', ...limitHeaders, 'X-Degraded'];
