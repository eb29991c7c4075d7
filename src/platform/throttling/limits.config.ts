import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

const policy = (limit: number, windowSeconds: number, what: string) =>
  z
    .strictObject({
      limit: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(limit)
        .meta({ description: `${what}: at most this many` }),
      windowSeconds: z
        .int()
        .min(1)
        .max(86_400)
        .default(windowSeconds)
        .meta({ description: `${what}: in any window of this length` }),
    })
    .prefault({});

/** Rate limits: sliding windows, the tightest one is in the headers. */
export const limitsConfig = defineSection('limits', {
  enabled: z.boolean().default(true).meta({ description: 'Whether requests are limited at all.' }),
  auth: policy(
    5,
    60,
    'Attempts to get in an IP (IPv6: its /64): register, login, password, verification, OAuth start',
  ),
  account: policy(10, 900, 'Failed logins to one account, from then on slowed down, not refused'),
  refresh: policy(60, 60, 'Refreshes a session'),
  api: policy(100, 60, 'API requests a user, else an IP'),
  hourly: policy(1000, 3600, 'API requests a user'),
  hourlyAnonymous: policy(100, 3600, 'API requests an IP without a user'),
  writes: policy(100, 3600, 'Writes a user'),
  writesAnonymous: policy(10, 3600, 'Writes an IP without a user'),
  search: policy(10, 60, 'Searches a user'),
  searchAnonymous: policy(5, 60, 'Searches an IP without a user'),
  socket: policy(50, 1, 'Client frames a connection'),
  handshake: policy(60, 60, 'Socket upgrades an IP'),
});
export type LimitsConfig = ConfigOf<typeof limitsConfig>;
export type PolicyName = Exclude<keyof LimitsConfig, 'enabled'>;
