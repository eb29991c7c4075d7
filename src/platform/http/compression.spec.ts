import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { announceCompression, installCompression } from './compression.js';

const text = JSON.stringify({ text: 'a'.repeat(5000) });

describe('compression', () => {
  let app: FastifyInstance;

  beforeAll(async () => {
    app = fastify();
    app.addHook('onSend', (request, reply, payload, done) => {
      announceCompression(request, reply, payload);
      done(null, payload);
    });
    await installCompression(app);
    const json = 'application/json; charset=utf-8';
    app.get('/plain', (_request, reply) => reply.type(json).send(text));
    app.get('/secret', (_request, reply) =>
      reply.type(json).header('cache-control', 'private, no-store').send(text),
    );
    app.get('/api/v1/auth/keys', (_request, reply) => reply.type(json).send(text));
    app.get('/events', (_request, reply) => reply.type('text/event-stream').send(text));
    app.get('/varies', (_request, reply) => reply.type(json).header('vary', 'Origin').send(text));
  });
  afterAll(() => app.close());

  const get = async (url: string) => {
    const { headers } = await app.inject({ url, headers: { 'accept-encoding': 'gzip' } });
    return { encoding: headers['content-encoding'], vary: headers.vary };
  };

  it.each([
    ['/plain', 'gzip', 'accept-encoding'],
    ['/varies', 'gzip', 'Origin, accept-encoding'],
    ['/secret', undefined, undefined],
    ['/api/v1/auth/keys', undefined, undefined],
    ['/events', undefined, undefined],
  ])('%s → %s', async (url, encoding, vary) => {
    expect(await get(url)).toEqual({ encoding, vary });
  });
});
