import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../../../platform/errors/app-error.js';
import { requestContext } from '../../../platform/observability/request-context.js';
import { TokenVerifier } from '../../../platform/security/token-verifier.js';
import type { Principal } from '../../../platform/security/principal.js';
import { Revocations } from '../../../platform/security/revocations.js';
import { realtimeConfig, type RealtimeConfig } from '../realtime.config.js';
import { CloseCode } from './close-codes.js';
import type { Connection } from './connection.js';
import type { ClientFrame, FrameId } from './frames.js';
import { Hub } from './hub.js';
import { Resume } from './resume.js';
import { mayListen, Topics } from './topics.js';

/** Does what a client's frame asks for. */
@Injectable()
export class HandleFrame {
  constructor(
    private readonly hub: Hub,
    private readonly topics: Topics,
    private readonly tokens: TokenVerifier,
    private readonly revocations: Revocations,
    private readonly resume: Resume,
    @Inject(realtimeConfig.KEY) private readonly config: RealtimeConfig,
  ) {}

  async execute(connection: Connection, frame: ClientFrame): Promise<void> {
    if (frame.op === 'auth') return this.authenticate(connection, frame.token);
    const user = connection.principal;
    if (!user) return connection.close(CloseCode.unauthenticated, 'authenticate first');
    switch (frame.op) {
      case 'ping':
        return connection.send({ op: 'pong', id: frame.id });
      case 'subscribe':
        return this.subscribe(connection, user, frame.topic, frame.id);
      case 'unsubscribe':
        this.topics.close(connection, frame.topic);
        return connection.send({ op: 'unsubscribed', id: frame.id, topic: frame.topic });
      case 'resume':
        return this.resume.execute(connection, user, frame);
    }
  }

  /** Makes the connection the user's and says so; renews it when it is already. */
  admit(connection: Connection, principal: Principal): void {
    if (connection.principal && connection.principal.userId !== principal.userId) {
      return connection.close(CloseCode.forbidden, 'the session belongs to another user');
    }
    if (!mayListen(principal)) {
      return connection.close(CloseCode.forbidden, 'not allowed');
    }
    // Between its verification and now the session may have ended, and whoever closed its sockets missed this one.
    if (!this.revocations.judge(principal))
      return connection.close(CloseCode.unauthenticated, 'the session has ended');
    connection.authenticate(principal);
    const work = requestContext();
    if (work) Object.assign(work, { principal, tenantId: principal.tenantId });
    const { epoch, position } = this.hub.head;
    const expiresAt = new Date(principal.expiresAt * 1000).toISOString();
    connection.send({ op: 'ready', userId: principal.userId, epoch, offset: position, expiresAt });
  }

  private async authenticate(connection: Connection, token: string): Promise<void> {
    try {
      this.admit(connection, await this.tokens.verify(token));
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 401) throw error;
      connection.close(CloseCode.unauthenticated, 'the token is not accepted');
    }
  }

  private async subscribe(
    connection: Connection,
    user: Principal,
    topic: string,
    id: FrameId,
  ): Promise<void> {
    const { subscriptions } = connection;
    if (!subscriptions.has(topic) && subscriptions.size >= this.config.maxTopics) {
      const message = `At most ${this.config.maxTopics} topics.`;
      return connection.send({ op: 'error', id, code: 'too_many_topics', message });
    }
    const subscription = await this.topics.open(connection, topic, user);
    if (!subscription) {
      const message = 'There is no such topic for you.';
      return connection.send({ op: 'error', id, code: 'topic_not_allowed', message });
    }
    subscription.live = true;
    connection.send({ op: 'subscribed', id, topic, offset: this.hub.head.position });
  }
}
