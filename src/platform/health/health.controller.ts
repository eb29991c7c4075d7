import { Controller, Get, Res, ServiceUnavailableException } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import {
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
} from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { version } from '../config/version.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { InternalOnly, Public } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import { HealthRegistry } from './health.registry.js';
import { readinessOf } from './readiness.js';

/** The probes of Kubernetes, and the same with detail for operators. */
@ApiExcludeController()
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
  live(): { status: 'ok'; version: string } {
    return { status: 'ok', version };
  }

  /** The process can serve. Reads what the monitor saw last. */
  @Public()
  @Get('readyz')
  ready(@Res({ passthrough: true }) reply: FastifyReply): { status: string; version: string } {
    const status = readinessOf(this.lifecycle, this.registry);
    if (status !== 'ok' && status !== 'degraded') void reply.code(503);
    return { status, version };
  }

  @InternalOnly()
  @Get('healthz/live')
  liveDetail(): { status: 'ok'; version: string; uptimeSeconds: number } {
    return { status: 'ok', version, uptimeSeconds: Math.round(process.uptime()) };
  }

  @InternalOnly()
  @Get('healthz/ready')
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
