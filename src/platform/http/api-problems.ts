import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';

/** RFC 9457, as the API document shows it. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  requestId: z.string(),
  traceId: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), code: z.string(), message: z.string() })).optional(),
});

/** What the statuses of errors mean, of whatever route. */
export const problemDescriptions = {
  400: 'Malformed or not valid; `errors` names the fields.',
  401: 'No credential where one is needed, or one that is not accepted.',
  403: 'Known, but not allowed: a permission is missing, or the scope of an API key; or a write with the session cookie may be forged, for want of `X-CSRF-Token` or a listed `Origin`.',
  404: 'Unknown, or private to others.',
  409: 'It conflicts with the present state, or the idempotency key is in flight.',
  412: 'Changed since it was read.',
  413: 'The body is too large.',
  415: 'The body is not of a type that the route takes.',
  422: 'The idempotency key was used with another body.',
  429: 'Too many requests; see `Retry-After`.',
  503: 'Busy, or something that is needed is down; see `Retry-After`.',
} as const;

/** Says in the API document which errors a route answers. What they look like it says once, for all. */
export function ApiProblems(
  ...statuses: (keyof typeof problemDescriptions)[]
): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ...statuses.map((status) => ApiResponse({ status, description: problemDescriptions[status] })),
  );
}
