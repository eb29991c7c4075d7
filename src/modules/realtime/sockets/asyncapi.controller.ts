import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../../../platform/security/access.js';
import { Unlimited } from '../../../platform/throttling/limit.js';
import { describeSockets } from './describe-sockets.js';

/** What a client of `/ws` may rely on, as AsyncAPI. */
@ApiExcludeController()
@Public()
@Unlimited()
@Controller('docs')
export class AsyncApiController {
  @Get('asyncapi.json')
  document(): object {
    return describeSockets();
  }
}
