import type { OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { problemDescriptions, problemSchema } from '../platform/http/api-problems.js';
import { headersOfAll, refer, sharedHeaders } from './shared-headers.js';

type Components = Required<NonNullable<OpenAPIObject['components']>>;

const names: Record<keyof typeof problemDescriptions, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  412: 'PreconditionFailed',
  413: 'ContentTooLarge',
  415: 'UnsupportedMediaType',
  422: 'UnprocessableContent',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
};
const more: Partial<Record<number, Components['headers']>> = {
  401: refer('WWW-Authenticate'),
  // Only of an idempotency key that is in flight: nobody can say when another conflict ends.
  409: { 'Retry-After': { ...sharedHeaders['RetryAfter'], required: false } },
  429: refer('Retry-After'),
  503: refer('Retry-After'),
};

const known = Object.entries(names).map(([status, name]) => ({ status: Number(status), name }));

/** The errors of more than one route. They stand once in the document, and routes refer to them. */
export const sharedProblems: Components['responses'] = Object.fromEntries(
  known.map(({ status, name }) => [
    name,
    {
      description: problemDescriptions[status as keyof typeof names],
      headers: { ...refer(...headersOfAll), ...more[status] },
      content: {
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      },
    },
  ]),
);

/** What they all look like. */
export const sharedSchemas = {
  Problem: z.toJSONSchema(problemSchema, { target: 'openapi-3.0' }),
} as Components['schemas'];

/** Refers to the shared error with a status, if there is one. */
export function problemOf(status: number): { $ref: string } | undefined {
  const found = known.find((one) => one.status === status);
  return found && { $ref: `#/components/responses/${found.name}` };
}
