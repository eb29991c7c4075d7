import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';
import { exchange } from '../../support/raw-socket.js';

const post = (lines: string, body = '', version = '1.1'): string =>
  `POST /api/v1/auth/login HTTP/${version}\r\nHost: a\r\nContent-Type: application/json\r\n${lines}\r\n\r\n${body}`;
/** What would be answered 200 if it were taken for a second request. */
const hidden = 'GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n';

describe('H3 requests that two readers would read differently', () => {
  let instances: Instances;
  let instance: Instance;

  beforeAll(async () => {
    instances = await createInstances();
    instance = await instances.start();
  });
  afterAll(async () => {
    expect(await instance.app.stop()).toBe(0);
    expect(instance.app.logs.filter(({ level }) => level === 'error')).toEqual([]);
    await instances.clean();
  });

  it.each([
    [
      'Content-Length and Transfer-Encoding',
      post('Content-Length: 5\r\nTransfer-Encoding: chunked', `0\r\n\r\n${hidden}`),
    ],
    [
      'Transfer-Encoding and Content-Length',
      post('Transfer-Encoding: chunked\r\nContent-Length: 5', `0\r\n\r\n${hidden}`),
    ],
    ['two lengths', post('Content-Length: 2\r\nContent-Length: 2', `{}${hidden}`)],
    ['two different lengths', post('Content-Length: 2\r\nContent-Length: 3', `{}${hidden}`)],
    ['a list of lengths', post('Content-Length: 2, 2', `{}${hidden}`)],
    ['a signed length', post('Content-Length: +2', `{}${hidden}`)],
    ['a negative length', post('Content-Length: -2', `{}${hidden}`)],
    ['a length in hexadecimal', post('Content-Length: 0x2', `{}${hidden}`)],
    ['an unknown coding', post('Transfer-Encoding: xchunked', `0\r\n\r\n${hidden}`)],
    ['another coding', post('Transfer-Encoding: gzip', `0\r\n\r\n${hidden}`)],
    ['a coding before chunked', post('Transfer-Encoding: gzip, chunked', `0\r\n\r\n${hidden}`)],
    ['a coding after chunked', post('Transfer-Encoding: chunked, gzip', `0\r\n\r\n${hidden}`)],
    ['identity', post('Transfer-Encoding: identity', `0\r\n\r\n${hidden}`)],
    [
      'two codings',
      post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', `0\r\n\r\n${hidden}`),
    ],
    ['a coding in quotes', post('Transfer-Encoding: "chunked"', `0\r\n\r\n${hidden}`)],
    ['a blank before the colon', post('Transfer-Encoding : chunked', `0\r\n\r\n${hidden}`)],
    ['a control character', post('Transfer-Encoding:\x0bchunked', `0\r\n\r\n${hidden}`)],
    ['chunks in HTTP/1.0', post('Transfer-Encoding: chunked', `0\r\n\r\n${hidden}`, '1.0')],
    ['chunks of no size', post('Transfer-Encoding: chunked', `zz\r\n\r\n${hidden}`)],
    ['chunks that end in LF', post('Transfer-Encoding: chunked', `2\n{}\n0\n\n${hidden}`)],
    [
      'a GET with an unknown coding',
      'GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n',
    ],
    ['bare LF everywhere', 'GET /healthz HTTP/1.1\nHost: a\n\n'],
    ['a bare LF between lines', 'GET /healthz HTTP/1.1\r\nHost: a\nX-A: b\r\n\r\n'],
    ['a bare LF at the end', 'GET /healthz HTTP/1.1\r\nHost: a\r\n\n'],
    ['a bare CR', 'GET /healthz HTTP/1.1\r\nHost: a\rX-A: b\r\n\r\n'],
    ['a folded line', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n'],
    ['a line folded by a tab', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\tc\r\n\r\n'],
    ['a fold before the first line', 'GET /healthz HTTP/1.1\r\n X-A: b\r\nHost: a\r\n\r\n'],
    ['a fold after nothing', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX-A:\r\n b\r\n\r\n'],
    ['NUL in a value', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n'],
  ])('H3 %s: 400, once, and the connection is closed', async (_what, request) => {
    const answer = await exchange(instance.client.url, request, 5000);
    expect(answer.status).toBe(400);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      connection: 'close',
      'x-content-type-options': 'nosniff',
    });
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'malformed_request', status: 400 });
  });

  it('H3 a chunked body as it should be is taken', async () => {
    const request = post('Transfer-Encoding: Chunked\r\nConnection: close', '2\r\n{}\r\n0\r\n\r\n');
    const answer = await exchange(instance.client.url, request);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'validation_failed' });
  });
});
