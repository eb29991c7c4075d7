import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Inject } from '@nestjs/common';
import { WebSocketGateway, type OnGatewayConnection, type OnGatewayInit } from '@nestjs/websockets';
import type { RawData, WebSocket, WebSocketServer } from 'ws';
import { requestIdFrom } from '../../../platform/http/request-id.js';
import { Lifecycle } from '../../../platform/lifecycle/lifecycle.js';
import { ActiveSessions } from '../../../platform/security/active-sessions.js';
import type { Principal } from '../../../platform/security/principal.js';
import { Revocations } from '../../../platform/security/revocations.js';
import { limitsConfig, type LimitsConfig } from '../../../platform/throttling/limits.config.js';
import { MAX_MESSAGE_BYTES, realtimeConfig, type RealtimeConfig } from '../realtime.config.js';
import { realtimeTelemetry } from '../realtime.telemetry.js';
import { CloseCode } from './close-codes.js';
import { Connection } from './connection.js';
import { parseClientFrame, type ClientFrame } from './frames.js';
import { HandleFrame } from './handle-frame.js';
import { Hub } from './hub.js';
import { MessageLimit } from './message-limit.js';
import { AdmitUpgrade } from './admit-upgrade.js';
import { presentRefusal, refuseHandshake } from './present-refusal.js';

/** Frames of one connection that wait for the one before them: more than a second's worth, 4 MiB at most. */
const MAX_WAITING_FRAMES = 64;

/** `GET /ws`: the life of each socket, from hello to close. */
@WebSocketGateway({ path: '/ws', maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false })
export class RealtimeGateway implements OnGatewayInit, OnGatewayConnection {
  private readonly connections = new Set<Connection>();
  private draining = false;

  constructor(
    private readonly frames: HandleFrame,
    private readonly hub: Hub,
    private readonly upgrades: AdmitUpgrade,
    private readonly lifecycle: Lifecycle,
    private readonly active: ActiveSessions,
    private readonly revocations: Revocations,
    @Inject(realtimeConfig.KEY) private readonly config: RealtimeConfig,
    @Inject(limitsConfig.KEY) private readonly limits: LimitsConfig,
  ) {}

  afterInit(server: WebSocketServer): void {
    server.options.verifyClient = (info, answer) => {
      const room = !this.draining && this.connections.size < this.config.maxConnections;
      const judge = () => this.upgrades.execute(info.req, room);
      const requestId = requestIdFrom(info.req.headers['x-request-id']);
      void realtimeTelemetry.admitting(info.req, requestId, judge).then((refused) => {
        if (!refused) return answer(true);
        const { text, headers } = presentRefusal(refused, info.req.url ?? '/', requestId);
        answer(false, refused.status, text, headers);
      });
    };
    server.on('wsClientError', (_error: Error, socket: Socket, request: IncomingMessage) =>
      refuseHandshake(socket, request),
    );
    this.revocations.onChange(() => this.closeRevoked());
    const heartbeat = setInterval(() => this.beat(), this.config.heartbeatMs);
    this.lifecycle.onStop('listeners', async () => {
      clearInterval(heartbeat);
      await this.drain();
    });
  }

  handleConnection(socket: WebSocket, request: IncomingMessage & { principal?: Principal }): void {
    const connection = new Connection(socket, this.config);
    const { limit, windowSeconds } = this.limits.socket;
    const messages = new MessageLimit(limit, windowSeconds * 1000);
    this.connections.add(connection);
    realtimeTelemetry.opened();
    // Frames of one client are handled one after the other: a resume before the subscribe behind it.
    let turn = Promise.resolve();
    let waiting = 0;
    socket.on('message', (data, isBinary) => {
      const verdict = messages.judge();
      if (verdict.verdict === 'close' || waiting >= MAX_WAITING_FRAMES) {
        return connection.cut(CloseCode.policyViolation, 'too many messages');
      }
      if (verdict.verdict === 'drop') {
        const { retryAfterMs } = verdict;
        const message = 'Too many messages.';
        return connection.send({
          op: 'error',
          id: undefined,
          code: 'rate_limited',
          message,
          retryAfterMs,
        });
      }
      if (isBinary) return connection.close(CloseCode.unsupportedData, 'text frames only');
      waiting++;
      turn = turn
        .then(() => this.receive(connection, data))
        .catch((error: unknown) => realtimeTelemetry.frameFailed(error))
        .finally(() => waiting--);
    });
    socket.on('pong', () => (connection.lastPongAt = performance.now()));
    socket.on('close', (code) => this.forget(connection, code));
    connection.send({
      op: 'hello',
      connectionId: connection.id,
      heartbeatMs: this.config.heartbeatMs,
      maxMessageBytes: MAX_MESSAGE_BYTES,
      messagesPerSecond: limit,
    });
    if (request.principal) this.frames.admit(connection, request.principal);
  }

  /** Tells every client to go elsewhere, at moments spread out, and closes behind it. */
  private async drain(): Promise<void> {
    this.draining = true;
    const open = [...this.connections];
    const spread = Math.min(this.config.drainSpreadMs, open.length * 10);
    const closings = open.map(async (connection) => {
      const reconnectAfterMs = Math.round(Math.random() * spread);
      connection.send({ op: 'draining', reconnectAfterMs });
      await new Promise((resolve) => setTimeout(resolve, reconnectAfterMs));
      const closed = new Promise((resolve) => connection.socket.once('close', resolve));
      connection.close(CloseCode.serviceRestart, 'the server restarts');
      const cut = setTimeout(() => connection.socket.terminate(), 2000);
      if (connection.socket.readyState !== connection.socket.CLOSED) await closed;
      clearTimeout(cut);
    });
    await Promise.all(closings);
  }

  private async receive(connection: Connection, data: RawData): Promise<void> {
    if (connection.socket.readyState !== connection.socket.OPEN) return;
    const frame = parseClientFrame((data as Buffer).toString('utf8'));
    if ('error' in frame) {
      return connection.send({
        op: 'error',
        id: frame.id,
        code: 'invalid_frame',
        message: frame.error,
      });
    }
    realtimeTelemetry.received(frame.op);
    const { id: connectionId, principal } = connection;
    const origin = { op: frame.op, connectionId, number: connection.nextFrame(), principal };
    await realtimeTelemetry.handling(origin, () => this.answer(connection, frame));
  }

  private async answer(connection: Connection, frame: ClientFrame): Promise<void> {
    try {
      await this.frames.execute(connection, frame);
    } catch (error) {
      realtimeTelemetry.frameFailed(error);
      const id = 'id' in frame ? frame.id : undefined;
      connection.send({
        op: 'error',
        id,
        code: 'internal_error',
        message: 'Something went wrong; try again.',
      });
    }
  }

  /** A session that ended ends its sockets; one whose account has other roles goes on with those. */
  private closeRevoked(): void {
    for (const connection of this.connections) {
      if (!connection.principal) continue;
      const principal = this.revocations.judge(connection.principal);
      if (principal) connection.principal = principal;
      else connection.close(CloseCode.unauthenticated, 'the session has ended');
    }
  }

  private forget(connection: Connection, code: number): void {
    for (const subscription of connection.subscriptions.values()) this.hub.remove(subscription);
    connection.dispose();
    this.connections.delete(connection);
    realtimeTelemetry.closed(connection.closeCode ?? code);
  }

  private beat(): void {
    const deadline = performance.now() - this.config.pongTimeoutMs;
    for (const connection of this.connections) {
      if (connection.lastPongAt < deadline) connection.socket.terminate();
      else if (connection.socket.readyState === connection.socket.OPEN) connection.socket.ping();
      // Who listens is there, though nothing but its answers to pings is heard of it.
      if (connection.principal) this.active.note(connection.principal.sessionId);
    }
  }
}
