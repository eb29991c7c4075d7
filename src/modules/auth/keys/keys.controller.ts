import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { pageOf } from '../../../platform/http/page.js';
import { RequirePermission } from '../../../platform/security/access.js';
import { KeysRepository } from './keys.repository.js';
import { RevokeKey } from './revoke-key.js';
import { RotateKeys, type Rotation } from './rotate-keys.js';

const signingKey = z
  .object({
    kid: z.string(),
    state: z.enum(['standby', 'active', 'retired']),
    createdAt: z.iso.datetime(),
    activatedAt: z.iso.datetime().nullable(),
    retiredAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'SigningKey' });
const signingKeys = pageOf(signingKey).meta({ id: 'SigningKeys' });
const rotation = z
  .object({ active: z.string(), retired: z.string().nullable(), standby: z.string() })
  .meta({
    id: 'KeyRotation',
    description: 'Ids of keys: which signs now, signed until now, is next.',
  });

/** Whoever asks for a page is told that there is none. */
const noQuery = z.strictObject({});

@ApiTags('admin')
@Controller('api/v1/admin/keys')
@RequirePermission('keys:manage')
export class KeysController {
  constructor(
    private readonly keys: KeysRepository,
    private readonly rotateKeys: RotateKeys,
    private readonly revokeKey: RevokeKey,
  ) {}

  /**
   * The keys that sign access tokens: the one that does, the next one, and one more for each rotation of the last day. All of them
   * are in the answer, so it takes no parameters.
   */
  @Get()
  @ApiOkResponse({ standardSchema: signingKeys })
  @ApiProblems(400, 429)
  async list(@Query({ schema: noQuery }) _query: unknown): Promise<z.output<typeof signingKeys>> {
    const items = (await this.keys.list()).map((key) => ({
      kid: key.kid,
      state: key.state,
      createdAt: key.createdAt.toISOString(),
      activatedAt: key.activatedAt?.toISOString() ?? null,
      retiredAt: key.retiredAt?.toISOString() ?? null,
    }));
    return { items, nextCursor: null };
  }

  /** Lets the next key sign. Tokens of the one before live until they expire. */
  @Post('rotate')
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: rotation })
  @ApiProblems(400, 409, 422, 429)
  rotate(): Promise<Rotation> {
    return this.rotateKeys.execute();
  }

  /** In an emergency: nothing that this key signed is accepted any more, and the sessions it signed for end. */
  @Post(':kid/revoke')
  @HttpCode(204)
  @ApiNoContentResponse()
  @ApiProblems(400, 404, 409, 422, 429)
  revoke(@Param('kid') kid: string): Promise<void> {
    return this.revokeKey.execute(kid);
  }
}
