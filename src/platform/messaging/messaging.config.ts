import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** Outbox, event log and bus. */
export const messagingConfig = defineSection('messaging', {
  relayIntervalMs: z.int().min(10).default(1000).meta({
    description: 'How often each process looks for outbox rows that nobody was woken for.',
  }),
  relayRestMs: z.int().min(0).default(20).meta({
    description:
      'Rest between two relay rounds; commits that arrive meanwhile are relayed together.',
  }),
  relayRetryMs: z.int().min(1).default(20).meta({
    description: 'How soon a process looks again when another one is relaying.',
  }),
  historyHours: z.int().min(1).default(24).meta({
    description: 'How long events are kept for clients that resume.',
  }),
});
export type MessagingConfig = ConfigOf<typeof messagingConfig>;
