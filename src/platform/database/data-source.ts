import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { databaseTelemetry } from './database.telemetry.js';
import { poolShare, type DatabaseConfig } from './database.config.js';

const sources = join(import.meta.dirname, '../..');
const extension = existsSync(join(sources, 'main.js')) ? 'js' : 'ts';

/** TypeORM's data source: the pool, the entities and the migrations of every module. */
export function createDataSource(config: DatabaseConfig): DataSource {
  const timeoutMs = config.statementTimeoutSeconds * 1000;
  return new DataSource({
    type: 'postgres',
    url: config.url ?? '',
    applicationName: 'mainstay',
    entities: [join(sources, `modules/*/**/*.entity.${extension}`)],
    migrations: [
      join(sources, `platform/database/migrations/*.${extension}`),
      join(sources, `modules/*/migrations/*.${extension}`),
    ],
    migrationsTableName: 'migrations',
    logging: false,
    poolErrorHandler: (error: Error) => databaseTelemetry.connectionLost(error),
    extra: {
      max: poolShare(config),
      min: Math.min(config.pool.minIdle, poolShare(config)),
      idleTimeoutMillis: config.pool.idleSeconds * 1000,
      maxLifetimeSeconds: config.pool.lifeSeconds,
      connectionTimeoutMillis: config.pool.connectTimeoutSeconds * 1000,
      statement_timeout: timeoutMs,
      query_timeout: timeoutMs + 1000,
      idle_in_transaction_session_timeout: timeoutMs + 5000,
      keepAlive: true,
      pipeline: true,
    },
  });
}

/** The pg pool inside of an initialised data source. */
export function poolOf(dataSource: DataSource): Pool {
  return (dataSource.driver as unknown as { master: Pool }).master;
}
