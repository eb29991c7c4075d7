import type { OpenAPIObject } from '@nestjs/swagger';

/** What any route of the API may answer, said once and not beside each of them. */
const common: Record<string, string> = {
  401: 'A token was sent that is not accepted, or none where one is needed.',
  429: 'Too many requests; see `Retry-After`.',
  503: 'Busy, or something that is needed is down; see `Retry-After`.',
};

const verbs = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Adds the errors that every route of the API shares to those that it names itself. */
export function describeCommonErrors(document: OpenAPIObject): OpenAPIObject {
  const content = {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  };
  for (const [path, item] of Object.entries(document.paths)) {
    if (!path.startsWith('/api/')) continue;
    for (const verb of verbs) {
      const responses = item[verb]?.responses;
      if (!responses) continue;
      for (const [status, description] of Object.entries(common))
        responses[status] ??= { description, content };
    }
  }
  return document;
}
