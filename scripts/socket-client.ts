/** A small client of `/ws`: what a real one needs, and nothing more. */
import { WebSocket } from 'ws';

export interface SocketEvent {
  op: 'event';
  topic: string;
  offset: number;
  type: string;
  // The shape depends on the type; callers look at what they expect.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  data: any;
  at: string;
}

interface Frame {
  op: string;
  [key: string]: unknown;
}

const TIMEOUT_MS = 30_000;

export class SocketClient {
  /** The last offset seen: what to resume from. */
  offset = 0;
  epoch = '';
  /** Every event in order of arrival. */
  readonly events: SocketEvent[] = [];
  /** Every other frame in order of arrival. */
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  private taken = 0;
  private readonly waiting = new Set<() => void>();
  readonly socket: WebSocket;

  constructor(base: string, headers: Record<string, string> = {}, query = '') {
    this.socket = new WebSocket(`${base.replace(/^http/, 'ws')}/ws?${query}`, { headers });
    this.closed = new Promise((resolve) =>
      this.socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.wake();
      }),
    );
    this.socket.on('error', () => this.wake());
    this.socket.on('message', (data: Buffer) => this.receive(JSON.parse(data.toString()) as Frame));
  }

  /** Opens a socket and proves who it is with the first frame. */
  static async open(base: string, token: string): Promise<SocketClient> {
    const client = new SocketClient(base);
    await client.frame('hello');
    client.send({ op: 'auth', token });
    const ready = await client.frame('ready');
    client.epoch = String(ready['epoch']);
    client.offset = Number(ready['offset']);
    return client;
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  async subscribe(topic: string): Promise<Frame> {
    this.send({ op: 'subscribe', id: topic, topic });
    return this.frame('subscribed');
  }

  /** @returns whether everything since the offset was sent */
  async resume(epoch: string, offset: number, topics: string[]): Promise<boolean> {
    this.send({ op: 'resume', id: 'resume', epoch, offset, topics });
    return (await this.frame('resumed'))['recovered'] === true;
  }

  /** The next event, which must be of the type. */
  async event(type: string): Promise<SocketEvent> {
    const event = await this.until(() => this.events[this.taken], `an event ${type}`);
    this.taken++;
    if (event.type !== type) throw new Error(`expected an event ${type}, got ${event.type}`);
    return event;
  }

  /** The next frame of that operation; it is taken out of the list. */
  async frame(op: string): Promise<Frame> {
    const frame = await this.until(
      () => this.frames.find((candidate) => candidate.op === op),
      `a frame ${op}`,
    );
    this.frames.splice(this.frames.indexOf(frame), 1);
    return frame;
  }

  /** Waits until there are this many events. */
  async count(events: number): Promise<SocketEvent[]> {
    await this.until(
      () => (this.events.length >= events ? this.events : undefined),
      `${events} events`,
    );
    return this.events;
  }

  close(): void {
    this.socket.close();
  }

  private receive(frame: Frame): void {
    if (frame.op === 'event') {
      const event = frame as unknown as SocketEvent;
      this.events.push(event);
      this.offset = event.offset;
    } else this.frames.push(frame);
    this.wake();
  }

  private wake(): void {
    for (const look of this.waiting) look();
  }

  private until<T>(find: () => T | undefined, what: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.waiting.delete(look);
        settle();
      };
      const look = (): void => {
        const found = find();
        if (found !== undefined) finish(() => resolve(found));
        else if (this.socket.readyState === WebSocket.CLOSED)
          finish(() => reject(new Error(`the socket closed before ${what}`)));
      };
      const timer = setTimeout(
        () => finish(() => reject(new Error(`no ${what} within ${TIMEOUT_MS} ms`))),
        TIMEOUT_MS,
      );
      this.waiting.add(look);
      look();
    });
  }
}
