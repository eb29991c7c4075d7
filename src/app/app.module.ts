import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { CacheModule } from '../platform/cache/cache.module.js';
import { ConfigModule } from '../platform/config/config.module.js';
import { valueOf, type Configuration } from '../platform/config/load-config.js';
import { consoleConfig } from '../platform/console/console.config.js';
import { ConsoleModule } from '../platform/console/console.module.js';
import { DatabaseModule } from '../platform/database/database.module.js';
import { ErrorTrackingModule } from '../platform/error-tracking/error-tracking.module.js';
import { ErrorsController } from '../platform/errors/errors.controller.js';
import { ProblemFilter } from '../platform/errors/problem.filter.js';
import { FlagsModule } from '../platform/flags/flags.module.js';
import { HealthModule } from '../platform/health/health.module.js';
import { HttpModule } from '../platform/http/http.module.js';
import { ValidationPipe } from '../platform/http/validation.pipe.js';
import { IdempotencyModule } from '../platform/idempotency/idempotency.module.js';
import { JobsModule } from '../platform/jobs/jobs.module.js';
import { LifecycleModule } from '../platform/lifecycle/lifecycle.module.js';
import { LoggingModule } from '../platform/logging/logging.module.js';
import { MessagingModule } from '../platform/messaging/messaging.module.js';
import { ObservabilityModule } from '../platform/observability/observability.module.js';
import { ResilienceModule } from '../platform/resilience/resilience.module.js';
import { RedisModule } from '../platform/redis/redis.module.js';
import { SecurityModule } from '../platform/security/security.module.js';
import { ThrottlingModule } from '../platform/throttling/throttling.module.js';
import { EntryGuard } from '../platform/http/entry.guard.js';
import { roles, type Role } from './roles.js';

/**
 * The application of one role: the platform wing, the role's modules, and what wraps every route,
 * in this order: access → limits → validation → handler → problem+json.
 */
@Module({})
export class AppModule {
  static of(role: Role, configuration: Configuration): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.of(configuration),
        ObservabilityModule.create(),
        LoggingModule,
        ErrorTrackingModule.of(role),
        ResilienceModule,
        FlagsModule,
        DatabaseModule,
        CacheModule,
        HttpModule,
        LifecycleModule,
        IdempotencyModule,
        MessagingModule,
        JobsModule.create(roles[role].worksJobs),
        SecurityModule,
        ThrottlingModule,
        HealthModule,
        ConsoleModule.create(valueOf(configuration, consoleConfig)),
        RedisModule,
        ...roles[role].modules,
      ],
      controllers: [ErrorsController],
      providers: [
        { provide: APP_GUARD, useClass: EntryGuard },
        { provide: APP_PIPE, useClass: ValidationPipe },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
