import type { OpenAPIObject } from '@nestjs/swagger';
import { operationsPath } from '../platform/http/operations-path.js';
import { INTERNAL_KEY_AUTH } from '../platform/security/access.js';
import { headersOfAll, refer, sharedHeaders } from './shared-headers.js';
import { sharedParameters, take } from './shared-parameters.js';
import { problemOf, sharedProblems, sharedSchemas } from './shared-problems.js';

const verbs = ['get', 'post', 'put', 'patch', 'delete'] as const;

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Schemas = NonNullable<OpenAPIObject['components']>['schemas'];
type Answer = Exclude<Operation['responses'][string], undefined | { $ref: string }>;

/** A route, and what decides which conventions hold for it. */
interface Route {
  operation: Operation;
  verb: (typeof verbs)[number];
  /** Limited, cached and idempotent are the routes of the API alone: keys and probes must always answer. */
  isApi: boolean;
  isRead: boolean;
  /** Whether it is refused while there is too much to do. */
  isShed: boolean;
}

/** Adds to every route what holds for all of them: headers, errors, idempotency, and who may call it. */
export function describeConventions(document: OpenAPIObject): OpenAPIObject {
  document.components = {
    ...document.components,
    headers: sharedHeaders,
    parameters: sharedParameters,
    responses: sharedProblems,
    schemas: { ...document.components?.schemas, ...sharedSchemas },
  };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const verb of verbs) {
      const operation = item[verb];
      if (!operation) continue;
      const isApi = path.startsWith('/api/');
      const isShed = !operationsPath.test(path);
      const route = { operation, verb, isApi, isShed, isRead: verb === 'get' };
      describeParameters(route);
      describeOptions(route, document.components.schemas);
      describeAnswers(route);
      describeProblems(route);
      describePermission(route);
    }
  }
  return document;
}

function describeParameters({ operation, verb, isApi, isRead }: Route): void {
  const { responses, security = [] } = operation;
  const parameters = [take('RequestId'), take('TraceParent')];
  if (isApi && isRead) parameters.push(take('ConsistencyToken'));
  if (isApi && isRead && responses[200]) parameters.push(take('IfNoneMatch'));
  if (responses[412]) parameters.push(take('IfMatch'));
  if (isApi && verb === 'post') parameters.push(take('IdempotencyKey'));
  if (!isRead && security.some((way) => 'cookie' in way)) parameters.push(take('CsrfToken'));
  operation.parameters = [...(operation.parameters ?? []), ...parameters];
}

/** What may be left out: a credential where anybody may read, and a body whose schema has a default. */
function describeOptions({ operation, isApi, isRead }: Route, schemas: Schemas): void {
  const { security, requestBody } = operation;
  if (isApi && isRead && !security) operation.security = [{}, { bearer: [] }, { cookie: [] }];
  if (!requestBody || !('content' in requestBody)) return;
  const { schema = {} } = requestBody.content['application/json'] ?? {};
  const named = '$ref' in schema ? schemas?.[schema.$ref.split('/').at(-1) ?? ''] : schema;
  if (named && 'default' in named) requestBody.required = false;
}

/** The headers of what is no error, and 304. */
function describeAnswers({ operation: { responses }, verb, isApi, isRead }: Route): void {
  if (isApi && isRead && responses[200])
    responses[304] = { description: 'The answer is the one that `If-None-Match` names.' };
  for (const [status, answer] of Object.entries(responses) as [string, Answer][]) {
    const names = isApi ? [...headersOfAll] : ['X-Request-Id'];
    if (isApi && Number(status) < 400) {
      const isResource = status === '200' && (isRead || verb === 'patch');
      if (isResource || status === '304') names.push('ETag');
      if (verb === 'post') names.push('Idempotency-Replayed');
      if (!isRead) names.push('X-Consistency-Token');
    }
    answer.headers = { ...refer(...names), ...answer.headers };
  }
}

/** Errors that any route has; those that it has declared itself, as `ApiProblems` does, look the same. */
function describeProblems({ operation: { responses }, verb, ...route }: Route): void {
  const statuses = [400, 401];
  if (!route.isRead) statuses.push(413, 415);
  if (route.isApi && verb === 'post') statuses.push(409, 422);
  if (route.isApi) statuses.push(429);
  if (route.isShed) statuses.push(503);
  for (const status of statuses) responses[status] ??= { description: '' };
  for (const [status, answer] of Object.entries(responses) as [string, Answer][]) {
    const problem = problemOf(Number(status));
    if (problem && !answer.content?.['application/json']) responses[status] = problem;
  }
}

function describePermission({ operation }: Route): void {
  const { description, security = [] } = operation;
  const permission = String((operation as { 'x-permission'?: string })['x-permission']);
  const inside = 'For internal addresses only; to all others it does not exist (404).';
  const needs = `Needs the permission \`${permission}\`.`;
  const isOfOperators = security.some((way) => INTERNAL_KEY_AUTH in way);
  const who =
    { public: 'For anybody.', internal: inside }[permission] ??
    (isOfOperators ? `${inside} ${needs}` : needs);
  operation.description = [description, who].filter(Boolean).join('\n\n');
}
