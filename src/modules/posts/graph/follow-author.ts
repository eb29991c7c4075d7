import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { domainEvent } from '../../../platform/messaging/domain-event.js';
import { Outbox } from '../../../platform/messaging/outbox.js';
import type { Principal } from '../../../platform/security/principal.js';
import { AuthApi } from '../../auth/auth.contract.js';
import { postsConfig, type PostsConfig } from '../posts.config.js';
import { postChannels, postEvents, type UserFollowed } from '../posts.contract.js';
import { postsErrors } from '../posts.errors.js';
import { postsTelemetry } from '../posts.telemetry.js';
import { GraphRepository } from './graph.repository.js';

/** Follows an author; following again changes nothing. */
@Injectable()
export class FollowAuthor {
  constructor(
    private readonly database: Database,
    private readonly graph: GraphRepository,
    private readonly outbox: Outbox,
    private readonly auth: AuthApi,
    @Inject(postsConfig.KEY) private readonly config: PostsConfig,
  ) {}

  /** @throws AppError `not_found`, `cannot_follow_self`, `following_limit` */
  async execute(caller: Principal, username: string): Promise<void> {
    const { tenantId, userId } = caller;
    const followed = await this.auth.profileByUsername(tenantId, username);
    if (!followed) throw platformErrors.not_found();
    if (followed.id === userId) throw postsErrors.cannot_follow_self();
    const follower = (await this.auth.profilesByIds(tenantId, [userId])).get(userId);
    if (!follower) throw platformErrors.invalid_token();
    await this.database.transaction(async (tx) => {
      if (!(await this.graph.follow(tx, tenantId, userId, followed.id))) return;
      if ((await this.graph.countFollowing(tx, tenantId, userId)) > this.config.maxFollowing) {
        throw postsErrors.following_limit();
      }
      const data: UserFollowed = { follower, followed, at: new Date().toISOString() };
      const channels = [postChannels.followed(followed.id), postChannels.follows(userId)];
      this.outbox.append(
        tx,
        domainEvent({ type: postEvents.userFollowed, tenantId, channels, data }),
      );
      tx.onCommitted(() => postsTelemetry.followed(followed.id));
    });
  }
}
