import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { register } from 'prom-client';
import { InternalOnly } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';

/** Prometheus text, for internal addresses. */
@ApiExcludeController()
@InternalOnly()
@Unlimited()
@Controller() // PrometheusModule gives it its path, /metrics
export class MetricsController {
  @Get()
  @Header('content-type', register.contentType)
  metrics(): Promise<string> {
    return register.metrics();
  }
}
