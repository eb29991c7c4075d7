import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';

/** RFC 9457, as the API document shows it. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    requestId: z.string(),
    traceId: z.string().optional(),
    errors: z
      .array(z.object({ path: z.string(), code: z.string(), message: z.string() }))
      .optional(),
  })
  .meta({ id: 'Problem' });

const descriptions: Record<number, string> = {
  400: 'Malformed or not valid; `errors` names the fields.',
  401: 'No access token, or one that is not accepted.',
  403: 'Known, but not allowed.',
  404: 'Unknown, or private to others.',
  409: 'It conflicts with the present state, or the idempotency key is in flight.',
  412: 'Changed since it was read.',
  422: 'The idempotency key was used with another body.',
  429: 'Too many requests; see `Retry-After`.',
  503: 'Busy, or something that is needed is down; see `Retry-After`.',
};

/** Says in the API document which errors a route answers. */
export function ApiProblems(...statuses: number[]): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ...statuses.map((status) =>
      ApiResponse({
        status,
        description: descriptions[status] ?? '',
        standardSchema: problemSchema,
      }),
    ),
  );
}
