import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import type { Principal } from '../../../platform/security/principal.js';
import type { RealtimeConfig } from '../realtime.config.js';
import { realtimeTelemetry } from '../realtime.telemetry.js';
import { CloseCode } from './close-codes.js';
import type { ServerFrame } from './frames.js';
import type { Receiver, Subscription } from './subscription.js';

/** setTimeout counts in 32 bits; a token of more than 24 days would expire at once. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** One socket: who it is, what it listens to, and what it may still be sent. */
export class Connection implements Receiver {
  readonly id = randomUUID();
  readonly subscriptions = new Map<string, Subscription>();
  principal: Principal | undefined;
  lastPongAt = performance.now();
  /** Why the server closed it, when it did: a client that is cut would be counted as lost. */
  closeCode: number | undefined;
  private lastOffset = -1;
  private frames = 0;
  private deadline: NodeJS.Timeout | undefined;

  constructor(
    readonly socket: WebSocket,
    private readonly config: RealtimeConfig,
  ) {
    this.closeAfter(config.authTimeoutMs, 'not authenticated in time');
  }

  /** The connection is the user's until the token expires; another token moves that moment. */
  authenticate(principal: Principal): void {
    this.principal = principal;
    this.closeAfter(principal.expiresAt * 1000 - Date.now(), 'the token has expired');
  }

  /** The number of the frame that is handled next; with the connection's id it is the id of that work. */
  nextFrame(): number {
    return ++this.frames;
  }

  send(frame: ServerFrame): void {
    realtimeTelemetry.sent(frame.op);
    this.write(JSON.stringify(frame));
  }

  sendEvent(offset: number, frame: string): boolean {
    if (offset === this.lastOffset) return false;
    this.lastOffset = offset;
    realtimeTelemetry.sent('event');
    this.write(frame);
    return true;
  }

  close(code: number, reason: string): void {
    clearTimeout(this.deadline);
    this.closeCode ??= code;
    this.socket.close(code, reason);
  }

  /** Closes without waiting for a client that does not read: its answer would stand behind all of that. */
  cut(code: number, reason: string): void {
    this.close(code, reason);
    setTimeout(() => this.socket.terminate(), 1000).unref();
  }

  /** The socket is gone. */
  dispose(): void {
    clearTimeout(this.deadline);
  }

  private write(text: string): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount > this.config.maxBufferedBytes) {
      return this.cut(CloseCode.tooSlow, 'reading too slowly');
    }
    this.socket.send(text);
  }

  private closeAfter(ms: number, reason: string): void {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(
      () => this.close(CloseCode.unauthenticated, reason),
      Math.min(Math.max(0, ms), MAX_TIMEOUT_MS),
    );
  }
}
