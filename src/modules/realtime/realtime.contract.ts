/** What realtime publishes. Nothing in this deployment calls it. */
import type { Profile } from '../auth/auth.contract.js';

export const realtimeEvents = { notificationCreated: 'notification.created' } as const;

/** `data` of `notification.created`, and the item of GET /realtime/notifications. */
export interface Notification {
  id: string;
  type: 'follow' | 'like' | 'comment' | 'mention';
  actor: Profile;
  createdAt: string;
  readAt: string | null;
}

export const notificationChannel = (userId: string): string => `notifications:${userId}`;
