import { createServer, request as send, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** Path prefix → role; the first that fits. A gateway in production does the same. */
const routes: readonly [prefix: string, role: string][] = [
  ['/api/v1/posts', 'posts'],
  ['/api/v1/realtime', 'realtime'],
  ['/docs/asyncapi.json', 'realtime'],
  ['/ws', 'realtime'],
  ['/', 'auth'],
];

/**
 * One port in front of the four processes, for development and tests: requests and sockets are
 * passed on as they are, byte for byte.
 *
 * @param ports the port of each role on this machine
 */
export function createFront(ports: Record<string, number>): Server {
  const portOf = (url: string): number => {
    const [, role = 'auth'] = routes.find(([prefix]) => url.startsWith(prefix)) ?? [];
    return ports[role] ?? 0;
  };
  const forward = (incoming: IncomingMessage) => ({
    host: '127.0.0.1',
    port: portOf(incoming.url ?? '/'),
    method: incoming.method,
    path: incoming.url,
    headers: headersOf(incoming),
    setHost: false,
  });

  const front = createServer((incoming, answer) => {
    const outgoing = send(forward(incoming), (response) => {
      answer.writeHead(response.statusCode ?? 502, response.rawHeaders);
      response.pipe(answer);
    });
    outgoing.on('error', () => {
      if (answer.headersSent) answer.destroy();
      else answer.writeHead(502).end();
    });
    answer.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  front.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    const outgoing = send(forward(incoming));
    outgoing.on('upgrade', (response, upstream, upstreamHead) => {
      socket.write(headOf(response));
      if (upstreamHead.length > 0) socket.write(upstreamHead);
      if (head.length > 0) upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
      upstream.on('error', () => socket.destroy());
      upstream.on('close', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
      socket.on('close', () => upstream.destroy());
    });
    // Refused before the upgrade: pass the answer on and close.
    outgoing.on('response', (response) => {
      socket.write(headOf(response));
      response.pipe(socket);
    });
    outgoing.on('error', () => socket.destroy());
    socket.on('error', () => outgoing.destroy());
    outgoing.end();
  });
  return front;
}

const bodiless = new Set(['GET', 'HEAD', 'OPTIONS']);

/** As they came. A POST without a body says so, or Node would announce chunks to which nothing belongs. */
function headersOf({ method = '', headers, rawHeaders }: IncomingMessage): string[] {
  const isSaid =
    headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  return isSaid || bodiless.has(method) ? rawHeaders : [...rawHeaders, 'Content-Length', '0'];
}

/** Status line and headers of an answer, as they came. */
function headOf(response: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${response.statusCode} ${response.statusMessage}`];
  for (let i = 0; i < response.rawHeaders.length; i += 2) {
    lines.push(`${response.rawHeaders[i]}: ${response.rawHeaders[i + 1]}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}
