import { Injectable } from '@nestjs/common';
import type { Principal } from '../../../platform/security/principal.js';
import { feedChannels, postChannels, PostsApi } from '../../posts/posts.contract.js';
import { notificationChannel } from '../realtime.contract.js';

/** Which channels a topic stands for, for one user. */
@Injectable()
export class Topics {
  constructor(private readonly posts: PostsApi) {}

  /** @returns undefined for a topic that does not exist or that the user may not see */
  async channelsOf(topic: string, user: Principal): Promise<string[] | undefined> {
    if (topic === 'notifications') return [notificationChannel(user.userId)];
    if (topic === 'feed') {
      const followed = await this.posts.followedAuthors(user.tenantId, user.userId);
      // The user's own follows travel in the feed's subscription, unseen: they change what it holds.
      return [...feedChannels(user.userId, followed), postChannels.follows(user.userId)];
    }
    return undefined;
  }
}
