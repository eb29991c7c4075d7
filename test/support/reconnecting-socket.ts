import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { SocketClient } from '../../scripts/socket-client.ts';

/** A user with an open page: comes back, to whichever instance answers, until told to stay away. */
export class ReconnectingSocket {
  private socket: SocketClient | undefined;
  private wanted = true;
  private readonly done: Promise<void>;

  constructor(
    private readonly instances: string[],
    private readonly token: string,
  ) {
    this.done = this.stayConnected();
  }

  get isOpen(): boolean {
    return this.socket?.socket.readyState === WebSocket.OPEN;
  }

  async leave(): Promise<void> {
    this.wanted = false;
    this.socket?.close();
    await this.done;
  }

  private async stayConnected(): Promise<void> {
    for (let n = 0; this.wanted; n++) {
      try {
        const url = this.instances[n % this.instances.length] ?? '';
        this.socket = await SocketClient.open(url, this.token);
        if (!this.wanted) this.socket.close();
        await this.socket.closed;
      } catch {
        await pause(20); // nobody there: the next one
      }
    }
  }
}
