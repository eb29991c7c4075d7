import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { domainEvent } from '../../../platform/messaging/domain-event.js';
import { Outbox } from '../../../platform/messaging/outbox.js';
import type { Principal } from '../../../platform/security/principal.js';
import { AuthApi } from '../../auth/auth.contract.js';
import { postChannels, postEvents, type UserUnfollowed } from '../posts.contract.js';
import { GraphRepository } from './graph.repository.js';

/** Stops following an author; doing so again changes nothing. */
@Injectable()
export class UnfollowAuthor {
  constructor(
    private readonly database: Database,
    private readonly graph: GraphRepository,
    private readonly outbox: Outbox,
    private readonly auth: AuthApi,
  ) {}

  /** @throws AppError `not_found` */
  async execute(caller: Principal, username: string): Promise<void> {
    const { tenantId, userId } = caller;
    const author = await this.auth.profileByUsername(tenantId, username);
    if (!author) throw platformErrors.not_found();
    await this.database.transaction(async (tx) => {
      if (!(await this.graph.unfollow(tx, tenantId, userId, author.id))) return;
      const data: UserUnfollowed = { followerId: userId, authorId: author.id };
      this.outbox.append(
        tx,
        domainEvent({
          type: postEvents.userUnfollowed,
          tenantId,
          channels: [postChannels.follows(userId)],
          data,
        }),
      );
    });
  }
}
