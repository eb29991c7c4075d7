import { WsAdapter } from '@nestjs/platform-ws';
import type { WebSocket, WebSocketServer } from 'ws';
import { loggerOf } from '../platform/logging/logger.js';

const log = loggerOf('realtime');

/** `ws` as Nest has it, but for errors: what a client does wrong on its socket is no fault of ours. */
export class SocketAdapter extends WsAdapter {
  override bindErrorHandler(server: WebSocketServer): WebSocketServer {
    server.on('connection', (socket: WebSocket) => {
      // The close code says it to the client, and `ws_closed_total` to us.
      socket.on('error', (error) =>
        log.debug(
          { err: error, event: 'ws_error' },
          'a socket is closed: what came on it is wrong',
        ),
      );
    });
    server.on('error', (error) =>
      log.error({ err: error, event: 'ws_server_error' }, 'the server of sockets has an error'),
    );
    return server;
  }
}
