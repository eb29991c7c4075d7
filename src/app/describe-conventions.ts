import type { OpenAPIObject } from '@nestjs/swagger';

/** What any route of the API may answer, said once and not beside each of them. */
const common: Record<string, string> = {
  401: 'A token was sent that is not accepted, or none where one is needed.',
  413: 'The body is too large.',
  415: 'The body is not of a type that the route takes.',
  429: 'Too many requests; see `Retry-After`.',
  503: 'Busy, or something that is needed is down; see `Retry-After`.',
};
const ofBodies = new Set(['413', '415']);

const verbs = ['get', 'post', 'put', 'patch', 'delete'] as const;
const problem = {
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
};
const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: false,
  description:
    'A repeat with the same key within 24 h is answered as the first was, with `Idempotency-Replayed: true`; with another body 422, while the first is running 409.',
  schema: { type: 'string' as const, minLength: 1, maxLength: 255 },
};

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** Adds to every route of the API what holds for all of them: errors, idempotency, and who may call it. */
export function describeConventions(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths)) {
    if (!path.startsWith('/api/')) continue;
    for (const verb of verbs) {
      const operation = item[verb];
      if (!operation) continue;
      describeErrors(operation);
      describePermission(operation);
      if (verb === 'post') operation.parameters = [...(operation.parameters ?? []), idempotencyKey];
    }
  }
  return document;
}

function describeErrors({ responses, requestBody }: Operation): void {
  for (const [status, description] of Object.entries(common))
    if (requestBody || !ofBodies.has(status)) responses[status] ??= { description };
  for (const [status, response] of Object.entries(responses))
    if (Number(status) >= 400) Object.assign(response ?? {}, { content: problem });
}

function describePermission(operation: Operation): void {
  const permission = String((operation as { 'x-permission'?: string })['x-permission']);
  const who = permission === 'public' ? 'For anybody.' : `Needs the permission \`${permission}\`.`;
  operation.description = [operation.description, who].filter(Boolean).join('\n\n');
}
