import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { register } from 'prom-client';
import { InternalOnly } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import { renderOpenMetrics, wantsOpenMetrics } from './open-metrics.js';

const text = { schema: { type: 'string' as const } };

/** Prometheus text, or OpenMetrics with exemplars for who asks for it; for internal addresses. */
@ApiTags('operations')
@InternalOnly()
@Unlimited()
@Controller() // PrometheusModule gives it its path, /metrics
export class MetricsController {
  /** The metrics of the process. */
  @Get()
  @ApiOkResponse({ content: { 'text/plain': text, 'application/openmetrics-text': text } })
  async metrics(
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { contentType, text } = wantsOpenMetrics(accept)
      ? await renderOpenMetrics()
      : { contentType: register.contentType, text: await register.metrics() };
    void reply.header('content-type', contentType);
    return text;
  }
}
