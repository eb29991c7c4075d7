import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Json } from './client.js';

/** A server that takes envelopes as Sentry's does, and keeps their events. */
export interface ErrorReceiver {
  dsn: string;
  events: Json[];
  /** How many connections tried to send something. */
  asked: () => number;
  /** From now on it answers so; `hang` answers never. */
  behave(as: 'well' | 'hang' | 'broken'): void;
  stop(): Promise<void>;
}

export async function startErrorReceiver(): Promise<ErrorReceiver> {
  const events: Json[] = [];
  let manner: 'well' | 'hang' | 'broken' = 'well';
  let asked = 0;
  const server = createServer((request, response) => {
    asked++;
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      if (manner === 'hang') return;
      if (manner === 'broken') return void response.writeHead(502).end();
      const [, header, event] = body.split('\n');
      if (JSON.parse(header ?? '{}').type === 'event') events.push(JSON.parse(event ?? ''));
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    dsn: `http://0123456789abcdef@127.0.0.1:${(server.address() as AddressInfo).port}/42`,
    events,
    asked: () => asked,
    behave: (as) => (manner = as),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
