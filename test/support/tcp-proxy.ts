import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './process.js';

/** A network between a client and a server of this machine, that a test can make slow or break. */
export interface TcpProxy {
  port: number;
  /** Every chunk of the answers comes this much later, in order. */
  latency(ms: number): void;
  /** Nothing arrives any more, in either direction; new connections are accepted all the same. */
  blackHole(): void;
  /** New connections are refused. */
  refuse(): Promise<void>;
  /** Ends all connections without a word. */
  cutAll(): void;
  /** The network is well again; what a black hole held back is delivered, as TCP would. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

/** @param targetPort where the server listens, on 127.0.0.1 */
export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const port = await freePort();
  const links = new Set<Link>();
  let delayMs = 0;
  let dark = false;
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const link = new Link(client, targetPort, () => delayMs);
    links.add(link);
    client.on('close', () => links.delete(link));
    if (!dark) link.open();
  });
  const listen = async (): Promise<void> => {
    if (server.listening) return;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const refuse = (): Promise<void> =>
    new Promise((resolve) => {
      // Its callback waits for the connections to end, the port is closed at once.
      server.close();
      setImmediate(resolve);
    });
  const cutAll = (): void => links.forEach((link) => link.cut());
  await listen();
  return {
    port,
    latency: (ms) => (delayMs = ms),
    blackHole: () => {
      dark = true;
      links.forEach((link) => link.stall());
    },
    refuse,
    cutAll,
    heal: async () => {
      delayMs = 0;
      dark = false;
      links.forEach((link) => link.open());
      await listen();
    },
    stop: async () => {
      cutAll();
      await refuse();
    },
  };
}

/** One connection through the proxy. */
class Link {
  private upstream: Socket | undefined;
  private readonly answers: { chunk: Buffer; due: number }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private stalled = true;

  constructor(
    private readonly client: Socket,
    private readonly targetPort: number,
    private readonly delayMs: () => number,
  ) {
    client.setNoDelay(true);
    client.on('error', () => this.cut());
    client.on('data', (chunk) => this.upstream?.write(chunk));
    client.on('end', () => this.upstream?.end());
    client.on('close', () => this.cut());
  }

  open(): void {
    if (!this.stalled || this.client.destroyed) return;
    this.stalled = false;
    this.upstream ??= this.connect();
    this.upstream.resume();
    this.client.resume();
    this.deliver();
  }

  stall(): void {
    this.stalled = true;
    this.client.pause();
    this.upstream?.pause();
  }

  cut(): void {
    clearTimeout(this.timer);
    this.client.destroy();
    this.upstream?.destroy();
  }

  private connect(): Socket {
    const upstream = connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true });
    upstream.on('error', () => this.cut());
    upstream.on('data', (chunk) => {
      const last = this.answers.at(-1)?.due ?? 0;
      this.answers.push({ chunk, due: Math.max(last, performance.now() + this.delayMs()) });
      if (this.answers.length === 1) this.deliver();
    });
    upstream.on('close', () => this.client.destroySoon());
    return upstream;
  }

  /** Hands on what is due, and comes back for the rest. */
  private deliver(): void {
    clearTimeout(this.timer);
    while (!this.stalled) {
      const next = this.answers[0];
      if (!next) return;
      const wait = next.due - performance.now();
      if (wait > 0) {
        this.timer = setTimeout(() => this.deliver(), wait);
        return;
      }
      this.client.write(next.chunk);
      this.answers.shift();
    }
  }
}
