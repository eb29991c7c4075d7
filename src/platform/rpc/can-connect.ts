import { connect } from 'node:net';

const TIMEOUT_MS = 1000;

/** Resolves when somebody listens there; the probe of a peer's breaker. */
export function canConnect(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: TIMEOUT_MS });
    const end = (settle: () => void): void => {
      socket.destroy();
      settle();
    };
    socket.once('connect', () => end(resolve));
    socket.once('error', (error) => end(() => reject(error)));
    socket.once('timeout', () => end(() => reject(new Error('no answer'))));
  });
}
