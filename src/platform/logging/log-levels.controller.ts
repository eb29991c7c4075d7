import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { platformErrors } from '../errors/platform.errors.js';
import { ApiProblems } from '../http/api-problems.js';
import { Ops } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import { LogLevels, type LevelReport } from './log-levels.js';
import { levels } from './logging.config.js';

const DAY = 86_400;

const levelChange = z
  .strictObject({
    level: z.enum(levels),
    module: z.string().max(64).optional(),
    expiresInSeconds: z.int().min(1).max(DAY).default(600),
  })
  .meta({ id: 'LogLevelChange', description: 'Of one module, or of all; it ends by itself.' });
const levelReport = z
  .object({
    level: z.enum(levels),
    items: z.array(
      z.object({ module: z.string(), level: z.enum(levels), until: z.iso.datetime().nullable() }),
    ),
  })
  .meta({ id: 'LogLevels' }) satisfies z.ZodType<LevelReport>;

/** The log levels of the process that answers; every instance has its own. */
@ApiTags('operations')
@Unlimited()
@Ops()
@Controller('ops/log-level')
export class LogLevelsController {
  constructor(private readonly levels: LogLevels) {}

  /** The levels of all modules; `until` is null where it is the configured one. */
  @Get()
  @ApiOkResponse({ standardSchema: levelReport })
  list(): LevelReport {
    return this.levels.report();
  }

  /** Changes levels for a while; 404 for a module that logs nothing here. */
  @Put()
  @ApiOkResponse({ standardSchema: levelReport })
  @ApiProblems(400)
  change(@Body({ schema: levelChange }) body: z.output<typeof levelChange>): LevelReport {
    if (body.module !== undefined && !this.levels.knows(body.module)) {
      const known = this.levels.report().items.map(({ module }) => module);
      throw platformErrors.not_found({
        detail: `Nothing logs under that name here; there are: ${known.join(', ')}.`,
      });
    }
    this.levels.change(body);
    return this.levels.report();
  }
}
