import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { acceptMany } from './acceptors.js';
import type { Gate } from './gate.js';
import type { HttpConfig } from './http.config.js';
import type { Load } from './load.js';
import { watchConnections } from './unused-connections.js';

/** Node looks for requests that take too long this often; its own 30 s let them live four times as long. */
const TIMEOUT_CHECK_MS = 1000;

/** The HTTP server beneath Fastify: its bounds and timeouts, with the gate before the handler. */
export function createHttpServer(
  handler: RequestListener,
  http: HttpConfig,
  gate: Gate,
  load: Load,
): Server {
  const gated = gate.before(handler);
  const requestTimeout = http.requestTimeoutSeconds * 1000;
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      requestTimeout,
      headersTimeout: requestTimeout,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      keepAliveTimeout: http.keepAliveSeconds * 1000,
      requireHostHeader: false, // the gate answers that, with a problem document
      // Any other upgrade (h2c, another path) is an ordinary request that happens to ask for one,
      // and so is one that the gate refuses: it then meets the gate as a request.
      shouldUpgradeCallback: (request) => isSocket(request) && !gate.judge(request),
    },
    gated,
  );
  server.maxHeadersCount = 0; // else Node drops lines unseen; the gate counts them
  server.on('checkExpectation', gated); // Node's own 417 has no body; the header may be ignored
  // Whoever neither sends nor reads for so long is cut off. `ws` lifts this for its sockets.
  server.setTimeout(http.inactivitySeconds * 1000);
  server.on('listening', () => server.once('close', load.watch()));
  watchConnections(server);
  acceptMany(server);
  return server;
}

function isSocket({ url, headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && url?.split('?', 1)[0] === '/ws';
}
