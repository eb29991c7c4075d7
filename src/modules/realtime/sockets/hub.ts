import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { LoggedEvent } from '../../../platform/messaging/domain-event.js';
import type { Head } from '../../../platform/messaging/event-log.js';
import { Tailer } from '../../../platform/messaging/tailer.js';
import {
  postChannels,
  postEvents,
  type UserFollowed,
  type UserUnfollowed,
} from '../../posts/posts.contract.js';
import { realtimeTelemetry } from '../realtime.telemetry.js';
import { eventFrame } from './event-frame.js';
import type { Subscription } from './subscription.js';

/** Hands each event of the log to the subscriptions of its channels, in order. */
@Injectable()
export class Hub implements OnModuleInit, OnModuleDestroy {
  private readonly byChannel = new Map<string, Set<Subscription>>();
  private unfollow: () => void = () => undefined;

  constructor(private readonly tailer: Tailer) {}

  onModuleInit(): void {
    this.unfollow = this.tailer.follow((events) => {
      for (const event of events) this.dispatch(event);
    });
  }

  onModuleDestroy(): void {
    this.unfollow();
  }

  /** Up to where events were dispatched. */
  get head(): Head {
    return this.tailer.head;
  }

  /** Waits until everything that is in the log now was dispatched here. */
  catchUp(): Promise<void> {
    return this.tailer.catchUp();
  }

  add(subscription: Subscription, channels: Iterable<string>): void {
    for (const channel of channels) {
      subscription.channels.add(channel);
      const subscriptions = this.byChannel.get(channel);
      if (subscriptions) subscriptions.add(subscription);
      else this.byChannel.set(channel, new Set([subscription]));
    }
  }

  remove(
    subscription: Subscription,
    channels: Iterable<string> = [...subscription.channels],
  ): void {
    for (const channel of channels) {
      subscription.channels.delete(channel);
      const subscriptions = this.byChannel.get(channel);
      subscriptions?.delete(subscription);
      if (subscriptions?.size === 0) this.byChannel.delete(channel);
    }
  }

  private dispatch(event: LoggedEvent): void {
    let frames = 0;
    const frame = eventFrame(event);
    for (const channel of event.channels) {
      for (const subscription of this.byChannel.get(channel) ?? []) {
        const { receiver, topic } = subscription;
        if (receiver.principal?.tenantId !== event.tenantId) continue;
        if (isFollowOf(event, channel)) this.adjustFeed(subscription, event);
        else if (subscription.live && receiver.sendEvent(event.position, frame(topic))) {
          realtimeTelemetry.fannedOut(event.at);
          frames++;
        }
      }
    }
    if (frames > 0) realtimeTelemetry.dispatched(event, frames);
  }

  /** The user followed or left an author: from here on the feed holds that author's posts, or not. */
  private adjustFeed(subscription: Subscription, event: LoggedEvent): void {
    const data: unknown = JSON.parse(event.data);
    if (event.type === postEvents.userFollowed) {
      this.add(subscription, [postChannels.followers((data as UserFollowed).followed.id)]);
    } else this.remove(subscription, [postChannels.followers((data as UserUnfollowed).authorId)]);
  }
}

/** Events on a «follows» channel are for the hub itself. */
function isFollowOf(event: LoggedEvent, channel: string): boolean {
  return (
    (event.type === postEvents.userFollowed || event.type === postEvents.userUnfollowed) &&
    channel.startsWith(postChannels.follows(''))
  );
}
