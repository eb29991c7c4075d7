import type { Server } from 'node:http';
import {
  createServer,
  type AddressInfo,
  type ListenOptions,
  type Server as NetServer,
} from 'node:net';
import { loggerOf } from '../logging/logger.js';

const log = loggerOf('http');

/** Beside the server's own. */
const ACCEPTORS = 15;

/**
 * Lets a server accept many connections in one turn of the event loop. libuv takes one a turn from
 * each listening socket, and under load a turn lasts tens of milliseconds: of 300 clients that came at
 * once the slowest waited 2 to 8 s before the gate saw them at all, and now 0.7 s. So there are more
 * sockets on the same port (SO_REUSEPORT), over which the kernel spreads connections. Linux alone
 * does that.
 */
export function acceptMany(server: Server): void {
  if (process.platform !== 'linux') return;
  let acceptors: NetServer[] = [];
  const listen = server.listen.bind(server) as (options: ListenOptions) => Server;
  // Fastify calls it with options alone.
  server.listen = ((options: ListenOptions) => {
    if (options.path !== undefined) return listen(options);
    return underLock(server, options, () => listen({ ...options, reusePort: true }));
  }) as Server['listen'];
  server.on('listening', () => {
    const address = server.address() as AddressInfo | string;
    if (typeof address === 'string') return; // a socket in the file system
    acceptors = Array.from({ length: ACCEPTORS }, () => accept(server, address));
  });
  // Closed is the server when nobody has a connection any more, whoever has accepted it.
  const close = server.close.bind(server);
  server.close = (callback) => {
    const closed = acceptors.map(
      (acceptor) => new Promise((resolve) => acceptor.close(() => resolve(undefined))),
    );
    return close((error) => void Promise.all(closed).then(() => callback?.(error)));
  };
}

/**
 * Sockets that share a port would let a second process share it too. So one that wants it holds a name in
 * the abstract namespace first, which the kernel takes back with the process.
 */
function underLock(server: Server, options: ListenOptions, listen: () => Server): Server {
  const { host = '', port } = options;
  if (!port) return listen(); // a port that the system chooses is nobody else's
  const lock = createServer().on('error', (error) =>
    server.emit('error', Object.assign(error, { port, address: host })),
  );
  server.once('close', () => lock.close());
  lock.listen({ path: `\0mainstay:${host}:${port}` }, listen);
  return server;
}

function accept(server: Server, { address: host, port }: AddressInfo): NetServer {
  // The options that an HTTP server gives its own listening socket.
  const acceptor = createServer({ allowHalfOpen: true, noDelay: true });
  acceptor.on('connection', (socket) => server.emit('connection', socket));
  acceptor.on('error', (err) =>
    log.warn({ err, event: 'acceptor_failed' }, 'fewer connections are accepted at a time'),
  );
  return acceptor.listen({ host, port, reusePort: true });
}
