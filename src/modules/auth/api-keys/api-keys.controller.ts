import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { pageQuery, type Page } from '../../../platform/http/page.js';
import { RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import { EndsAccess } from '../../../platform/throttling/limit.js';
import {
  apiKeyPage,
  createdApiKey,
  newApiKeyRequest,
  type ApiKey,
  type CreatedApiKey,
  type NewApiKeyRequest,
} from './api-key.schemas.js';
import { CreateApiKey } from './create-api-key.js';
import { ListApiKeys } from './list-api-keys.js';
import { RevokeApiKey } from './revoke-api-key.js';

@ApiTags('auth')
@Controller('api/v1/auth/api-keys')
export class ApiKeysController {
  constructor(
    private readonly createKey: CreateApiKey,
    private readonly listKeys: ListApiKeys,
    private readonly revokeKey: RevokeApiKey,
  ) {}

  /** Makes an API key. The key itself is in this answer and nowhere else. */
  @Post()
  @RequirePermission('account:security')
  @ApiCreatedResponse({ standardSchema: createdApiKey })
  @ApiProblems(400, 409, 422, 429)
  async create(
    @Caller() caller: Principal,
    @Body({ schema: newApiKeyRequest }) body: NewApiKeyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedApiKey> {
    const key = await this.createKey.execute(caller, body);
    void reply.header('cache-control', 'no-store');
    return key;
  }

  /** The caller's keys that are neither revoked nor expired, newest first. */
  @Get()
  @RequirePermission('account:security')
  @ApiOkResponse({ standardSchema: apiKeyPage })
  @ApiProblems(400)
  list(
    @Caller() caller: Principal,
    @Query({ schema: pageQuery }) query: z.output<typeof pageQuery>,
  ): Promise<Page<ApiKey>> {
    return this.listKeys.execute(caller, query);
  }

  /** Revokes a key, everywhere within 5 s; one that is revoked already stays so. 404 where it never was the caller's. */
  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('account:security')
  @EndsAccess()
  @ApiNoContentResponse()
  @ApiProblems(400, 404, 429)
  async revoke(
    @Caller() caller: Principal,
    @Param('id', { schema: z.uuid() }) id: string,
  ): Promise<void> {
    await this.revokeKey.execute(caller, id.toLowerCase());
  }
}
