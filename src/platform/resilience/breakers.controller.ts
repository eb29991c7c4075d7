import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { platformErrors } from '../errors/platform.errors.js';
import { Ops } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import type { BreakerReport } from './breaker.js';
import { Breakers } from './breakers.js';

const breakerReports = z
  .object({
    items: z.array(
      z.object({
        name: z.string(),
        state: z.enum(['closed', 'half_open', 'open']),
        fallback: z.string().meta({ description: 'What is done without the dependency.' }),
        chaos: z.boolean().meta({ description: 'Whether faults are made on purpose.' }),
        failures: z.int(),
        openedAt: z.iso.datetime().nullable(),
        lastError: z.string().nullable(),
      }) satisfies z.ZodType<BreakerReport>,
    ),
  })
  .meta({ id: 'BreakerReports' });

/** The breakers of the process that answers; every instance has its own. */
@ApiTags('operations')
@Unlimited()
@Ops()
@Controller('ops/breakers')
export class BreakersController {
  constructor(private readonly breakers: Breakers) {}

  /** The circuit breakers, and what was seen of their dependencies. */
  @Get()
  @ApiOkResponse({ standardSchema: breakerReports })
  list(): { items: BreakerReport[] } {
    return { items: this.breakers.list().map((breaker) => breaker.report()) };
  }

  /** Closes a breaker. If its dependency is still down it opens again after the next failures. */
  @Post(':name/reset')
  @HttpCode(204)
  @ApiNoContentResponse()
  reset(@Param('name') name: string): void {
    const breaker = this.breakers.find(name);
    if (!breaker) throw platformErrors.not_found();
    breaker.reset();
  }
}
