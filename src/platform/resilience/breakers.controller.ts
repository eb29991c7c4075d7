import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { platformErrors } from '../errors/platform.errors.js';
import { Ops } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import type { BreakerReport } from './breaker.js';
import { Breakers } from './breakers.js';

/** The breakers of the process that answers; every instance has its own. */
@ApiExcludeController()
@Unlimited()
@Ops()
@Controller('ops/breakers')
export class BreakersController {
  constructor(private readonly breakers: Breakers) {}

  @Get()
  list(): { items: BreakerReport[] } {
    return { items: this.breakers.list().map((breaker) => breaker.report()) };
  }

  /** Closes a breaker. If its dependency is still down it opens again after the next failures. */
  @Post(':name/reset')
  @HttpCode(204)
  reset(@Param('name') name: string): void {
    const breaker = this.breakers.find(name);
    if (!breaker) throw platformErrors.not_found();
    breaker.reset();
  }
}
