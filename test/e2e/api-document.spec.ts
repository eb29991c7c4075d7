import { describe, expect, it } from '@jest/globals';
import { apiDocument, operationsOfApi, type Operation } from '../support/api-document.js';

const all = operationsOfApi();
const ofApi = all.filter(({ path }) => path.startsWith('/api/'));
const ofOperators = all.filter(({ tags }) => tags.includes('operations'));
const named = ({ method, path }: Operation) => `${method} ${path}`;
const isRead = ({ method }: Operation) => method === 'GET';

/** What the document promises, by what the routes have in common: contract/rest.md, «Conventions». */
describe('the API document', () => {
  const without = (routes: Operation[], has: (operation: Operation) => boolean) =>
    routes.filter((operation) => !has(operation)).map(named);
  const takes = (name: string) => (operation: Operation) => operation.takes.includes(name);
  const says = (status: number, header: string) => (operation: Operation) =>
    operation.answers.get(status)?.headers.has(header) ?? false;
  const has = (status: number) => (operation: Operation) => operation.answers.has(status);

  it('says of every read what a client saves that knows the answer already', () => {
    const reads = ofApi.filter(isRead).filter(has(200));
    expect(reads.length).toBeGreaterThan(10);
    expect(without(reads, takes('If-None-Match'))).toEqual([]);
    expect(without(reads, says(200, 'etag'))).toEqual([]);
    expect(without(reads, says(304, 'etag'))).toEqual([]);
    expect(ofApi.filter(takes('If-Match')).map(named)).toEqual([
      'PATCH /api/v1/users/me',
      'DELETE /api/v1/users/me',
      'PATCH /api/v1/admin/users/{id}',
    ]);
    expect(ofApi.filter(has(412)).map(named)).toEqual(ofApi.filter(takes('If-Match')).map(named));
  });

  it('says of every write what it takes and may refuse', () => {
    const writes = ofApi.filter((operation) => !isRead(operation));
    for (const status of [400, 413, 415]) expect(without(writes, has(status))).toEqual([]);
    const posts = writes.filter(({ method }) => method === 'POST');
    expect(without(posts, takes('Idempotency-Key'))).toEqual([]);
    const byCookie = writes.filter(({ permission }) => permission !== 'public');
    expect(without(byCookie, takes('X-CSRF-Token'))).toEqual([]);
    expect(writes.filter(takes('X-CSRF-Token')).filter((one) => !byCookie.includes(one))).toEqual([
      expect.objectContaining({ path: '/api/v1/auth/refresh' }),
    ]);
    const { parameters } = apiDocument().components;
    expect(parameters?.['IdempotencyKey']).toMatchObject({
      description: expect.stringMatching(/UUID/),
    });
    expect(parameters?.['CsrfToken']).toMatchObject({
      required: false,
      description: expect.stringMatching(/only.*cookie/i),
    });
  });

  it('says of every route what its answers carry', () => {
    const headers: [number, string[]][] = [
      [401, ['www-authenticate']],
      [429, ['retry-after', 'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']],
      [503, ['retry-after']],
    ];
    for (const [status, names] of headers)
      for (const name of names) expect(without(ofApi, says(status, name))).toEqual([]);
    for (const operation of ofApi)
      for (const [, answer] of operation.answers)
        expect([named(operation), [...answer.headers.keys()]]).toEqual([
          named(operation),
          expect.arrayContaining(['x-request-id', 'x-ratelimit-remaining', 'x-degraded']),
        ]);
    const [writesPost] = ofApi.filter((operation) => named(operation) === 'POST /api/v1/posts');
    expect(writesPost?.answers.get(201)?.headers.get('location')).toBe(true);
  });

  it('holds the routes of operations, and that they are for internal addresses', () => {
    expect(ofOperators.map(named).sort()).toEqual([
      'GET /healthz',
      'GET /healthz/live',
      'GET /healthz/ready',
      'GET /metrics',
      'GET /ops/breakers',
      'GET /ops/flags',
      'GET /ops/log-level',
      'GET /readyz',
      'POST /ops/breakers/{name}/reset',
      'PUT /ops/log-level',
    ]);
    const open = ofOperators.filter(({ permission }) => permission === 'public').map(named);
    expect(open.sort()).toEqual(['GET /healthz', 'GET /readyz']);
    const closed = ofOperators.filter(({ permission }) => permission !== 'public');
    expect(without(closed, has(404))).toEqual([]);
    const isSaid = ({ description }: Operation) => description.includes('internal addresses');
    expect(without(closed, isSaid)).toEqual([]);
  });
});
