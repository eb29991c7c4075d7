import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** A connection that says nothing for so long was opened for later: browsers do that. */
const UNUSED_MS = 1000;

const connections = new WeakMap<Server, Map<Socket, number>>();

/** Remembers when each connection of a server was opened. */
export function watchConnections(server: Server): void {
  const open = new Map<Socket, number>();
  connections.set(server, open);
  server.on('connection', (socket) => {
    open.set(socket, performance.now());
    socket.once('close', () => open.delete(socket));
  });
}

/**
 * Closes the connections on which nothing was ever asked. To Node they are not idle but late with their
 * first request, and the clock for that stops with the listening: each would hold up the shutdown to the
 * end of the drain.
 */
export function closeUnusedConnections(server: Server): void {
  const old = performance.now() - UNUSED_MS;
  for (const [socket, opened] of connections.get(server) ?? [])
    if (socket.bytesRead === 0 && opened < old) socket.destroy();
}
