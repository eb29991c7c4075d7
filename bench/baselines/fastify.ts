/** Bare Fastify and pg: the framework that Mainstay stands on, with nothing else around it. */
import { fastify } from 'fastify';
import {
  close,
  createPost,
  getFeed,
  getPost,
  getProfile,
  login,
  ready,
  type PostInput,
} from './work.ts';

const app = fastify({ logger: false, forceCloseConnections: true });

app.get('/readyz', async () => {
  await ready();
  return { ready: true };
});

app.get<{ Params: { id: string } }>('/api/v1/posts/:id', async (request, reply) => {
  const post = await getPost(request.params.id);
  if (!post) void reply.code(404);
  return post ?? {};
});

app.get('/api/v1/posts/feed', (request) => getFeed(String(request.headers['x-user-id'])));

app.post<{ Body: PostInput }>('/api/v1/posts', async (request, reply) => {
  void reply.code(201);
  return createPost(String(request.headers['x-user-id']), request.body);
});

app.get<{ Params: { username: string } }>('/api/v1/users/:username', async (request, reply) => {
  const profile = await getProfile(request.params.username);
  if (!profile) void reply.code(404);
  return profile ?? {};
});

app.post<{ Body: { identifier: string; password: string } }>(
  '/api/v1/auth/login',
  async (request, reply) => {
    const tokens = await login(request.body.identifier, request.body.password);
    if (!tokens) void reply.code(401);
    return tokens ?? {};
  },
);

app.setErrorHandler((error, _request, reply) => {
  process.stderr.write(`${String(error)}\n`);
  void reply.code(500).send({});
});
await app.listen({ port: Number(process.env['PORT']), host: '127.0.0.1' });
process.once('SIGTERM', () => void app.close().then(close));
