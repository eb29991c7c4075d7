import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account } from '../../support/client.js';
import { createInstances, type Instance, type Instances } from '../../support/instances.js';

describe('H5 content types and methods', () => {
  let instances: Instances;
  let instance: Instance;
  let ada: Account;

  beforeAll(async () => {
    instances = await createInstances();
    instance = await instances.start();
    ada = await instance.client.account('ada');
  });
  afterAll(async () => {
    expect(await instance.app.stop()).toBe(0);
    await instances.clean();
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'multipart/form-data; boundary=x',
    'text/json',
    'application/jsonx',
    'nonsense',
  ])('H5 answers 415 to a body of %s', async (type) => {
    const answer = await instance.client.call('POST', '/api/v1/posts', {
      token: ada.token,
      body: '{"body":"a"}',
      headers: { 'content-type': type },
    });
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type']);
  });

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])(
    'H5 takes a body of %s',
    async (type) => {
      const answer = await instance.client.call('POST', '/api/v1/posts', {
        token: ada.token,
        body: '{"body":"a"}',
        headers: { 'content-type': type },
      });
      expect(answer.status).toBe(201);
    },
  );

  it.each([
    ['DELETE', '/api/v1/posts', 'GET, HEAD, POST'],
    ['PUT', '/api/v1/auth/login', 'POST'],
    ['GET', '/api/v1/auth/login', 'POST'],
    ['OPTIONS', '/api/v1/posts', 'GET, HEAD, POST'],
    ['PROPFIND', '/healthz', 'GET, HEAD'],
    ['POST', '/metrics', 'GET, HEAD'],
  ])('H5 answers 405 + Allow to %s %s', async (method, path, allow) => {
    const answer = await instance.client.call(method, path, { token: ada.token });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    expect(answer.body.code).toBe('method_not_allowed');
  });
});
