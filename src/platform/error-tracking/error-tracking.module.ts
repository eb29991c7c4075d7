import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { Breakers } from '../resilience/breakers.js';
import { ErrorTracker, NoErrorTracker } from './error-tracker.js';
import { errorTrackingConfig, type ErrorTrackingConfig } from './error-tracking.config.js';

/** The error tracking of the process: none, unless a receiver is configured. */
@Global()
@Module({})
export class ErrorTrackingModule {
  static of(role: string): DynamicModule {
    return {
      module: ErrorTrackingModule,
      providers: [
        {
          provide: ErrorTracker,
          inject: [errorTrackingConfig.KEY, Breakers, Lifecycle],
          useFactory: async (
            config: ErrorTrackingConfig,
            breakers: Breakers,
            lifecycle: Lifecycle,
          ) => {
            const { dsn } = config;
            if (dsn === undefined) return new NoErrorTracker();
            // Loaded only where it is used.
            const { SentryTracker } = await import('./sentry-tracker.js');
            const tracker = new SentryTracker({ ...config, dsn }, role, breakers);
            // The last phase: what the others report while they stop is sent too.
            lifecycle.onStop('redis', () => tracker.flush());
            return tracker;
          },
        },
      ],
      exports: [ErrorTracker],
    };
  }
}
