import { setTimeout as pause } from 'node:timers/promises';

/** Requests one after the other on each of some connections, and the ids of those that were answered. */
export class RequestLoad {
  readonly answered: string[] = [];
  private readonly loops: Promise<void>[];
  private stopping = false;
  private sent = 0;

  constructor(
    private readonly url: string,
    connections: number,
  ) {
    this.loops = Array.from({ length: connections }, () => this.loop());
  }

  /** Waits until so many requests were answered. */
  async reached(count: number): Promise<void> {
    while (this.answered.length < count) await pause(5);
  }

  /** Ends the load. One that cannot connect any more has ended by itself. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.loops);
  }

  private async loop(): Promise<void> {
    while (!this.stopping) {
      const id = `load-${process.pid}-${this.sent++}`;
      try {
        const headers = { 'x-request-id': id };
        await (await fetch(`${this.url}/healthz`, { headers })).text();
      } catch {
        return; // it is gone
      }
      this.answered.push(id);
    }
  }
}
