import { Controller, Get, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiOkResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
} from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { version } from '../config/version.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { InternalOnly, Public } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import { HealthRegistry } from './health.registry.js';
import { readinessOf } from './readiness.js';

const alive = z.object({ status: z.literal('ok'), version: z.string() }).meta({ id: 'Alive' });
const aliveDetail = alive.extend({ uptimeSeconds: z.int() }).meta({ id: 'AliveDetail' });
const ready = z
  .object({ status: z.enum(['ok', 'degraded']), version: z.string() })
  .meta({ id: 'Ready' });
const notReady = ready
  .extend({ status: z.enum(['starting', 'unavailable', 'draining']) })
  .meta({ id: 'NotReady' });
const checks = z.record(
  z.string(),
  z.object({
    status: z.enum(['up', 'down']),
    latencyMs: z.number(),
    since: z.iso.datetime(),
    lastError: z.string().nullable().meta({ description: 'The code of its last failure.' }),
    need: z.enum(['required', 'optional', 'informative']),
    values: z.record(z.string(), z.number()).optional(),
  }),
);
const readyDetail = ready.extend({ checks }).meta({ id: 'ReadyDetail' });
const notReadyDetail = notReady.extend({ checks }).meta({ id: 'NotReadyDetail' });

const Is503 = (standardSchema: z.ZodType): MethodDecorator =>
  ApiResponse({ status: 503, description: 'Not ready: `status` says why.', standardSchema });

/** The probes of Kubernetes, and the same with detail for operators. */
@ApiTags('operations')
@Unlimited()
@Controller()
export class HealthController {
  constructor(
    private readonly registry: HealthRegistry,
    private readonly lifecycle: Lifecycle,
    private readonly health: HealthCheckService,
    private readonly indicator: HealthIndicatorService,
  ) {}

  /** The process runs. Touches nothing else. */
  @Public()
  @Get('healthz')
  @ApiOkResponse({ standardSchema: alive })
  live(): { status: 'ok'; version: string } {
    return { status: 'ok', version };
  }

  /** The process can serve. Reads what the monitor saw last. */
  @Public()
  @Get('readyz')
  @ApiOkResponse({ standardSchema: ready })
  @Is503(notReady)
  ready(@Res({ passthrough: true }) reply: FastifyReply): { status: string; version: string } {
    const status = readinessOf(this.lifecycle, this.registry);
    if (status !== 'ok' && status !== 'degraded') void reply.code(503);
    return { status, version };
  }

  /** The same with detail. */
  @InternalOnly()
  @Get('healthz/live')
  @ApiOkResponse({ standardSchema: aliveDetail })
  liveDetail(): { status: 'ok'; version: string; uptimeSeconds: number } {
    return { status: 'ok', version, uptimeSeconds: Math.round(process.uptime()) };
  }

  /** The same with what is known of each dependency. */
  @InternalOnly()
  @Get('healthz/ready')
  @ApiOkResponse({ standardSchema: readyDetail })
  @Is503(notReadyDetail)
  async readyDetail(@Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const status = readinessOf(this.lifecycle, this.registry);
    const checks = await this.detail();
    if (status !== 'ok' && status !== 'degraded') void reply.code(503);
    return { status, version, checks };
  }

  /** Terminus answers «down» with an exception that holds the same detail. */
  private async detail(): Promise<HealthCheckResult['details']> {
    const indicators = Object.entries(this.registry.states()).map(([name, state]) => () => {
      const { status: seen, ...detail } = state;
      const session = this.indicator.check(name);
      return seen === 'up' ? session.up(detail) : session.down(detail);
    });
    try {
      return (await this.health.check(indicators)).details;
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) throw error;
      return (error.getResponse() as HealthCheckResult).details;
    }
  }
}
