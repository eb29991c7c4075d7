import { setTimeout as pause } from 'node:timers/promises';
import { SocketClient, type SocketEvent } from '../../scripts/socket-client.ts';
import { eventually } from './client.js';

/** A reader that wants every event: it comes back whenever its socket is closed, and resumes. */
export class FaithfulReader {
  /** How often it had to come back. */
  returns = 0;
  /** With what code each of its sockets was closed. */
  readonly codes: number[] = [];
  /** How often it was told that the history it needs is gone. */
  gaps = 0;
  private readonly past: SocketEvent[] = [];
  private readonly done: Promise<void>;
  private gone = false;
  private lastClosed: SocketClient | undefined;

  private constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly topic: string,
    private socket: SocketClient,
  ) {
    this.done = this.stay();
  }

  static async open(url: string, token: string, topic = 'feed'): Promise<FaithfulReader> {
    const socket = await SocketClient.open(url, token);
    await socket.subscribe(topic);
    return new FaithfulReader(url, token, topic, socket);
  }

  /** In order of arrival, over all its sockets. */
  get events(): SocketEvent[] {
    return [...this.past, ...this.socket.events];
  }

  /** Waits until it has seen these posts, and only in order and once: the promise of realtime.md. */
  async hasSeen(posts: string[], withinMs = 30_000): Promise<void> {
    await eventually(async () => {
      const seen = new Set(this.events.map((event) => String(event.data.id)));
      const missing = posts.filter((id) => !seen.has(id));
      if (missing.length > 0)
        throw new Error(`${missing.length} posts without an event: ${missing.join()}`);
      await Promise.resolve();
    }, withinMs);
    if (this.gaps > 0) throw new Error('a resume was not recovered');
    const { events } = this;
    const disorder = events.findIndex(({ offset }, n) => offset <= (events[n - 1]?.offset ?? 0));
    if (disorder > 0)
      throw new Error(`event ${disorder} is out of order: ${JSON.stringify(events[disorder])}`);
  }

  async close(): Promise<void> {
    this.gone = true;
    this.socket.close();
    await this.done;
  }

  private async stay(): Promise<void> {
    for (;;) {
      const { code } = await this.socket.closed;
      if (this.gone) return;
      if (this.lastClosed !== this.socket) this.codes.push(code);
      this.lastClosed = this.socket;
      this.past.push(...this.socket.events.splice(0));
      await pause(100 + Math.random() * 200, undefined, { ref: false }); // one that is forgotten holds up nobody
      await this.comeBack();
    }
  }

  private async comeBack(): Promise<void> {
    const { epoch, offset } = this.socket;
    try {
      const socket = await SocketClient.open(this.url, this.token);
      socket.offset = offset; // not that of the instance: nothing in between has been seen yet
      this.socket = socket;
      this.returns++;
      this.gaps += (await socket.resume(epoch, offset, [this.topic])) ? 0 : 1;
    } catch {
      // Not there yet, or cut off again: another attempt follows, from the last event that came.
    }
  }
}
