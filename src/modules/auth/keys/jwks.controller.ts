import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Public } from '../../../platform/security/access.js';
import { Unlimited } from '../../../platform/throttling/limit.js';
import { AuthApi, type PublicJwk } from '../auth.contract.js';

const jwks = z
  .object({
    keys: z.array(
      z.object({
        kty: z.string(),
        n: z.string(),
        e: z.string(),
        kid: z.string(),
        alg: z.literal('RS256'),
        use: z.literal('sig'),
      }),
    ),
  })
  .meta({ id: 'Jwks' });

@ApiTags('auth')
@Controller('.well-known')
export class JwksController {
  constructor(private readonly auth: AuthApi) {}

  /** The public keys of access tokens. */
  @Get('jwks.json')
  @Public()
  @Unlimited()
  @Header('cache-control', 'max-age=600')
  @ApiOkResponse({
    standardSchema: jwks,
    headers: {
      'Cache-Control': { required: true, schema: { type: 'string', enum: ['max-age=600'] } },
    },
  })
  async jwks(): Promise<{ keys: PublicJwk[] }> {
    return { keys: await this.auth.publicKeys() };
  }
}
