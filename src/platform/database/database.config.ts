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
        connectTimeoutSeconds: z.number().min(0.1).max(60).default(3).meta({
          description: 'How long a request waits for a connection before it is answered 503.',
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

/** The connections that one process may hold at most. */
export function poolShare(config: DatabaseConfig): number {
  return Math.max(2, Math.floor(config.pool.budget / config.replicas));
}
