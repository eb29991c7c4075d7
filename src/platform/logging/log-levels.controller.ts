import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { platformErrors } from '../errors/platform.errors.js';
import { Ops } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import { LogLevels, type LevelReport } from './log-levels.js';
import { levels } from './logging.config.js';

const DAY = 86_400;

const levelChange = z.strictObject({
  level: z.enum(levels),
  module: z.string().max(64).optional(),
  expiresInSeconds: z.int().min(1).max(DAY).default(600),
});

/** The log levels of the process that answers; every instance has its own. */
@ApiExcludeController()
@Unlimited()
@Ops()
@Controller('ops/log-level')
export class LogLevelsController {
  constructor(private readonly levels: LogLevels) {}

  @Get()
  list(): LevelReport {
    return this.levels.report();
  }

  @Put()
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
