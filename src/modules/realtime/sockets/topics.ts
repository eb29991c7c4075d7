import { Injectable } from '@nestjs/common';
import { allows } from '../../../platform/security/allows.js';
import type { Permission } from '../../../platform/security/permissions.js';
import type { Principal } from '../../../platform/security/principal.js';
import { feedChannels, postChannels, PostsApi } from '../../posts/posts.contract.js';
import { notificationChannel } from '../realtime.contract.js';
import type { Connection } from './connection.js';
import { Hub } from './hub.js';
import { Subscription } from './subscription.js';

/** What each topic asks for: the same as the route that reads it. */
const permissionOf = new Map<string, Permission>([
  ['feed', 'posts:read'],
  ['notifications', 'notifications:read'],
]);

/** Whether there is any topic for the caller. */
export function mayListen(principal: Principal): boolean {
  return [...permissionOf.values()].some((permission) => allows(principal, permission));
}

/** The topics of a connection, and which channels each stands for. */
@Injectable()
export class Topics {
  constructor(
    private readonly posts: PostsApi,
    private readonly hub: Hub,
  ) {}

  /**
   * Subscribes the connection to a topic; the same subscription again when it is there already. One
   * that is new is not live: the caller says when.
   *
   * @returns undefined for a topic that does not exist or that the user may not see
   */
  async open(
    connection: Connection,
    topic: string,
    user: Principal,
  ): Promise<Subscription | undefined> {
    const known = connection.subscriptions.get(topic);
    if (known) return known;
    const permission = permissionOf.get(topic);
    if (!permission || !allows(user, permission)) return undefined;
    const subscription = new Subscription(connection, topic);
    connection.subscriptions.set(topic, subscription);
    try {
      await this.listen(subscription, user);
    } catch (error) {
      this.close(connection, topic);
      throw error;
    }
    // Closed in the meantime: nobody will take it off any more.
    if (connection.socket.readyState !== connection.socket.OPEN) this.close(connection, topic);
    return subscription;
  }

  close(connection: Connection, topic: string): void {
    const subscription = connection.subscriptions.get(topic);
    if (!subscription) return;
    this.hub.remove(subscription);
    connection.subscriptions.delete(topic);
  }

  private async listen(subscription: Subscription, user: Principal): Promise<void> {
    if (subscription.topic === 'notifications') {
      return this.hub.add(subscription, [notificationChannel(user.userId)]);
    }
    // First the user's own follows, which travel in the feed unseen and change what it holds; then who
    // is followed by now. A follow in between is in one of them, or in both.
    this.hub.add(subscription, [
      postChannels.follows(user.userId),
      ...feedChannels(user.userId, []),
    ]);
    const followed = await this.posts.followedAuthors(user.tenantId, user.userId);
    this.hub.add(subscription, feedChannels(user.userId, followed));
  }
}
