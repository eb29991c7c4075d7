import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import {
  HealthCheckService,
  HealthIndicatorService,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { version } from '../config/version.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { InternalOnly, Public } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import { HealthRegistry } from './health.registry.js';

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
    const status = this.readiness();
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
    const status = this.readiness();
    const states = Object.entries(this.registry.states());
    const checks = await this.health
      .check(
        states.map(([name, state]) => (): HealthIndicatorResult => {
          const { status: seen, ...detail } = state;
          const session = this.indicator.check(name);
          return seen === 'up' ? session.up(detail) : session.down(detail);
        }),
      )
      .then(
        (result) => result.details,
        (error: { getResponse?: () => { details: unknown } }) => error.getResponse?.().details,
      );
    if (status !== 'ok' && status !== 'degraded') void reply.code(503);
    return { status, version, checks };
  }

  private readiness(): string {
    if (this.lifecycle.isDraining) return 'draining';
    if (!this.lifecycle.isReady) return 'starting';
    return this.registry.status();
  }
}
