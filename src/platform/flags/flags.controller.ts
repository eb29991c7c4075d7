import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Ops } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import { Flags, type FlagState } from './flags.js';

const flagStates = z
  .object({
    items: z.array(
      z.object({
        name: z.string(),
        description: z.string(),
        default: z.boolean(),
        enabled: z.boolean(),
        tenants: z.array(z.string()).meta({ description: 'On for these only; empty: for all.' }),
        percentage: z.number().meta({ description: 'On for this share of the users.' }),
      }) satisfies z.ZodType<FlagState>,
    ),
  })
  .meta({ id: 'FlagStates' });

/** The flags in force in this process. */
@ApiTags('operations')
@Ops()
@Unlimited()
@Controller('ops/flags')
export class FlagsController {
  constructor(private readonly flags: Flags) {}

  /** The feature flags in force. */
  @Get()
  @ApiOkResponse({ standardSchema: flagStates })
  list(): { items: FlagState[] } {
    return { items: this.flags.states() };
  }
}
