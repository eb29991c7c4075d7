import { request, type IncomingHttpHeaders } from 'node:http';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account } from '../../support/client.js';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

const decode: Record<string, (body: Buffer) => Buffer> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** Every field is answered with an error of its own. */
const wrong = JSON.stringify(
  Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, 1])),
);

describe('compression', () => {
  let instances: Instances;
  let instance: Instance;
  let ada: Account;
  let long: string;
  let short: string;

  beforeAll(async () => {
    instances = await createInstances();
    instance = await instances.start();
    ada = await instance.client.account('ada');
    const posts = await Promise.all([
      instance.client.write(ada, 'long '.repeat(1000)),
      instance.client.write(ada, 'short'),
    ]);
    [long, short] = posts.map(({ id }) => `/api/v1/posts/${id}`) as [string, string];
  });
  afterAll(async () => {
    expect(await instance.app.stop()).toBe(0);
    await instances.clean();
  });

  /** As it comes over the wire: fetch would decode it, and asks for codings of its own accord. */
  function get(
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
    body?: string,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      request(`${instance.client.url}${path}`, { method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      })
        .on('error', reject)
        .end(body);
    });
  }

  it.each([
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['zstd', 'zstd'],
    ['gzip, br;q=0.5', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
  ])('a long text is compressed for who takes %s', async (accepted, coding) => {
    const plain = await get(long);
    const answer = await get(long, { 'accept-encoding': accepted });
    expect([answer.status, answer.headers['content-encoding']]).toEqual([200, coding]);
    expect(answer.headers.vary).toBe('accept-encoding');
    expect(answer.headers.etag).toBe(plain.headers.etag);
    expect(answer.body.length).toBeLessThan(plain.body.length / 4);
    expect(decode[coding]?.(answer.body).toString()).toBe(plain.body.toString());
  });

  it.each([{}, { 'accept-encoding': 'identity' }, { 'accept-encoding': 'gzip;q=0' }])(
    'it is not for %j, and says that it might have been',
    async (headers) => {
      const answer = await get(long, headers);
      expect(answer.headers['content-encoding']).toBeUndefined();
      expect(answer.headers.vary).toBe('accept-encoding');
      expect(answer.headers['content-length']).toBe(String(answer.body.length));
    },
  );

  it('a short answer is left as it is', async () => {
    const answer = await get(short, { 'accept-encoding': 'gzip' });
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.headers.vary).toBeUndefined();
  });

  it('If-None-Match is answered 304 whatever the coding', async () => {
    const { etag = '' } = (await get(long, { 'accept-encoding': 'gzip' })).headers;
    for (const accepted of ['gzip', 'br', 'identity']) {
      const answer = await get(long, { 'accept-encoding': accepted, 'if-none-match': etag });
      expect([answer.status, answer.body.length]).toEqual([304, 0]);
      expect(answer.headers).toMatchObject({ etag, vary: 'accept-encoding' });
      expect(answer.headers['content-encoding']).toBeUndefined();
    }
  });

  it('HEAD says of itself what is true of GET', async () => {
    const plain = await get(long);
    const head = await get(long, {}, 'HEAD');
    expect(head.headers['content-length']).toBe(String(plain.body.length));
    const compressed = await get(long, { 'accept-encoding': 'gzip' }, 'HEAD');
    expect([compressed.status, compressed.body.length]).toEqual([200, 0]);
    expect(compressed.headers['content-length']).toBeUndefined();
    expect(compressed.headers).toMatchObject({ etag: plain.headers.etag, vary: 'accept-encoding' });
  });

  it('a long problem is compressed and stays a problem', async () => {
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${ada.token}`,
      'accept-encoding': 'gzip',
    };
    const answer = await get('/api/v1/posts', headers, 'POST', wrong);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'content-encoding': 'gzip',
    });
    const problem = JSON.parse(gunzipSync(answer.body).toString()) as { code: string };
    expect([answer.status, problem.code]).toEqual([400, 'validation_failed']);
  });

  it('nothing under /api/v1/auth/ is, because it holds secrets beside what the caller wrote', async () => {
    const headers = { 'content-type': 'application/json', 'accept-encoding': 'gzip, br' };
    const answer = await get('/api/v1/auth/login', headers, 'POST', wrong);
    expect(answer.body.length).toBeGreaterThan(2048);
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.headers.vary).toBeUndefined();
  });

  it('pages and scripts are, pictures are not', async () => {
    const headers = { 'accept-encoding': 'gzip' };
    for (const path of ['/docs', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js']) {
      const answer = await get(path, headers);
      expect([path, answer.headers['content-encoding']]).toEqual([path, 'gzip']);
      expect(gunzipSync(answer.body).equals((await get(path)).body)).toBe(true);
    }
    const picture = await get('/docs/favicon-32x32.png', headers);
    expect(picture.headers['content-encoding']).toBeUndefined();
  });
});
