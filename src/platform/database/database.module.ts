import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { Breakers } from '../resilience/breakers.js';
import { createDataSource, poolOf } from './data-source.js';
import { databaseConfig, type DatabaseConfig } from './database.config.js';
import { Database } from './database.js';
import { migrate } from './migrate.js';
import { openDatabase } from './open-database.js';

/** What still runs when everything else has stopped is nobody's work any more. */
const STATEMENTS_END_MS = 1000;

/** One pool a process: TypeORM owns it, `Database` runs the hot statements on it. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [databaseConfig.KEY],
      useFactory: (config: DatabaseConfig) => ({
        ...createDataSource(config).options,
        retryAttempts: 1, // a wrong address must be said at once; whoever runs us starts us again
        retryDelay: 500,
        manualInitialization: false,
      }),
      dataSourceFactory: async (options) => {
        if (options?.type !== 'postgres')
          throw new Error('TypeORM was given no options for PostgreSQL');
        const dataSource = await new DataSource(options).initialize();
        await migrate(dataSource, String(options.url));
        return dataSource;
      },
    }),
  ],
  providers: [
    {
      provide: Database,
      inject: [DataSource, databaseConfig.KEY, Breakers, Lifecycle],
      useFactory: async (
        source: DataSource,
        config: DatabaseConfig,
        breakers: Breakers,
        lifecycle: Lifecycle,
      ) => {
        const opened = await openDatabase(poolOf(source), config, breakers);
        lifecycle.onStop('database', async () => {
          await opened.close();
          // A statement of a request that was cut may still wait for a lock: the pool would wait with it.
          const cut = setTimeout(() => opened.cut(), STATEMENTS_END_MS);
          await source.destroy();
          clearTimeout(cut);
        });
        return opened.database;
      },
    },
  ],
  exports: [Database, TypeOrmModule],
})
export class DatabaseModule {}
