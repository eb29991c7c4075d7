import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Something that Prometheus scrapes. */
export interface Exporter {
  /** Host and port. */
  target: string;
  stop(): Promise<void>;
}

/** Serves metrics, on every path, in the place of an exporter that the test does not run. */
export async function startExporter(metrics: () => string | Promise<string>): Promise<Exporter> {
  const server = createServer((_request, response) => {
    void Promise.resolve(metrics()).then(
      (text) => response.writeHead(200, { 'content-type': 'text/plain' }).end(`${text}\n`),
      () => response.writeHead(500).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    target: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
