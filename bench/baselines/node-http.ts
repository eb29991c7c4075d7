/** Bare `node:http` and pg: the least that Node can do for these five requests. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
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

const POSTS = '/api/v1/posts/';
const USERS = '/api/v1/users/';

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method, url = '' } = request;
  const userId = String(request.headers['x-user-id']);
  if (method === 'POST') {
    const body: unknown = JSON.parse(await textOf(request));
    if (url === '/api/v1/posts') {
      return send(response, 201, await createPost(userId, body as PostInput));
    }
    const { identifier, password } = body as { identifier: string; password: string };
    return send(response, 200, await login(identifier, password), 401);
  }
  if (url === '/readyz') return send(response, 200, { ready: await ready() });
  if (url === '/api/v1/posts/feed') return send(response, 200, await getFeed(userId));
  if (url.startsWith(POSTS)) return send(response, 200, await getPost(url.slice(POSTS.length)));
  return send(response, 200, await getProfile(url.slice(USERS.length)));
}

function send(
  response: ServerResponse,
  status: number,
  value: object | undefined,
  otherwise = 404,
): void {
  const text = JSON.stringify(value ?? {});
  response.writeHead(value ? status : otherwise, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function textOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
  });
}

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    response.writeHead(500).end();
  });
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
process.once('SIGTERM', () => {
  server.close(() => void close());
  server.closeAllConnections();
});
