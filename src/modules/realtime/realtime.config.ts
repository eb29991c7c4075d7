import { z } from 'zod';
import { defineSection, type ConfigOf } from '../../platform/config/section.js';

/** Sockets. */
export const realtimeConfig = defineSection('realtime', {
  origins: z
    .array(
      z.string().regex(/^https?:\/\/[^/]+$/, 'expected an origin, e.g. https://app.example.com'),
    )
    .default([])
    .meta({
      description:
        'Web origins whose pages may open sockets. Clients that are not browsers send none and need none.',
    }),
  maxConnections: z
    .int()
    .min(1)
    .default(20_000)
    .meta({ description: 'Sockets of one process; beyond that upgrades are answered 503.' }),
  heartbeatMs: z
    .int()
    .min(100)
    .default(25_000)
    .meta({ description: 'How often the server pings.' }),
  pongTimeoutMs: z
    .int()
    .min(100)
    .default(40_000)
    .meta({ description: 'A connection without a pong for this long is terminated.' }),
  authTimeoutMs: z
    .int()
    .min(100)
    .default(5000)
    .meta({ description: 'How long a client may take to prove who it is.' }),
  maxTopics: z.int().min(1).default(128).meta({ description: 'Topics of one connection.' }),
  maxBufferedBytes: z.int().min(1024).default(1_048_576).meta({
    description: 'A reader that is this far behind is closed with 4408.',
  }),
  drainSpreadMs: z.int().min(0).max(60_000).default(10_000).meta({
    description: 'At shutdown clients are told to reconnect at moments spread over this time.',
  }),
});
export type RealtimeConfig = ConfigOf<typeof realtimeConfig>;

/** The contract's bounds on one frame: larger ones close the connection with 1009. */
export const MAX_MESSAGE_BYTES = 65_536;
