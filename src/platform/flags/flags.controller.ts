import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Ops } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import { Flags, type FlagState } from './flags.js';

/** The flags in force in this process. */
@ApiExcludeController()
@Ops()
@Unlimited()
@Controller('ops/flags')
export class FlagsController {
  constructor(private readonly flags: Flags) {}

  @Get()
  list(): { items: FlagState[] } {
    return { items: this.flags.states() };
  }
}
