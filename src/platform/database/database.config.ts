import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** PostgreSQL: where it is, and how much of it this deployment may use. */
export const databaseConfig = defineSection(
  'database',
  {
    url: z
      .string()
      .regex(/^postgres(ql)?:\/\/.+/, 'expected postgres://user:password@host:port/database')
      .optional()
      .meta({
        env: 'DATABASE_URL',
        secret: true,
        description:
          'The primary. Without it the application runs its own PostgreSQL under the data folder.',
      }),
    replicaUrls: z
      .array(
        z
          .string()
          .regex(/^postgres(ql)?:\/\/.+/, 'expected postgres://user:password@host:port/database'),
      )
      .max(8)
      .default([])
      .meta({
        env: 'DATABASE_REPLICA_URLS',
        secret: true,
        description:
          'Read replicas of the primary; comma-separated in the environment. Lists are read from one that is healthy.',
      }),
    replicaMaxLagSeconds: z.number().min(2).max(60).default(5).meta({
      description:
        'A replica that is further behind takes no reads; lag is looked at once a second.',
    }),
    pool: z
      .strictObject({
        budget: z.int().min(4).max(10_000).default(100).meta({
          description:
            'Connections of the whole deployment; each instance takes its share (budget ÷ replicas).',
        }),
        minIdle: z
          .int()
          .min(0)
          .default(10)
          .meta({ description: 'Connections kept open when idle.' }),
        idleSeconds: z
          .int()
          .min(1)
          .default(300)
          .meta({ description: 'An idle connection above the minimum closes after this.' }),
        lifeSeconds: z
          .int()
          .min(10)
          .default(1800)
          .meta({ description: 'A connection is replaced after this, idle or not.' }),
        connectTimeoutSeconds: z.number().min(0.1).max(60).default(2.5).meta({
          description: 'How long a request waits for a connection before it is answered 503.',
        }),
        maxWaiting: z.int().min(1).max(100_000).default(1000).meta({
          description: 'Requests that may wait for a connection; more are answered 503 at once.',
        }),
        leakSeconds: z.number().min(0.1).max(86_400).default(300).meta({
          description:
            'A connection that is kept longer is reported, with the stack of the code that took it.',
        }),
      })
      .prefault({}),
    replicas: z
      .int()
      .min(1)
      .default(1)
      .meta({ env: 'REPLICAS', description: 'Instances that share the budget.' }),
    statementTimeoutSeconds: z.number().min(0.1).max(600).default(10).meta({
      description: 'A statement is cancelled after this, on the server as well.',
    }),
  },
  (value): Record<string, string> =>
    value.url
      ? {}
      : { url: 'required in production (DATABASE_URL): the embedded database is for development' },
);
export type DatabaseConfig = ConfigOf<typeof databaseConfig>;

/** Connections of a process that stand outside of its pool: the bus and the watch. */
const OUTSIDE_OF_THE_POOL = 2;

/** The connections that the pool of one process may hold at most. */
export function poolShare(config: DatabaseConfig): number {
  return Math.max(2, Math.floor(config.pool.budget / config.replicas) - OUTSIDE_OF_THE_POOL);
}
