import { Global, Module, type DynamicModule } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { PARAMS_PROVIDER_TOKEN, PinoLogger } from 'nestjs-pino';
import { loggerOf } from '../logging/logger.js';
import { MetricsController } from '../metrics/metrics.controller.js';
import '../metrics/reserved.telemetry.js';
import { NestLogger } from '../logging/nest-logger.js';

/**
 * Logger and metrics for the container. nestjs-pino's own module is not used: it attaches its
 * context with a middleware per request (pino-http, 8.3 µs), where `platform/http/http-hooks.ts` has it
 * already from the request context (3.3 µs).
 */
@Global()
@Module({})
export class ObservabilityModule {
  static create(): DynamicModule {
    return {
      module: ObservabilityModule,
      imports: [
        PrometheusModule.register({
          controller: MetricsController,
          defaultMetrics: { enabled: true },
        }),
      ],
      providers: [
        {
          provide: PARAMS_PROVIDER_TOKEN,
          useValue: { pinoHttp: { logger: loggerOf('nest').pino } },
        },
        PinoLogger,
        NestLogger,
      ],
      exports: [NestLogger, PinoLogger],
    };
  }
}
