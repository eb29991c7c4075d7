import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { pageQuery, type Page } from '../../../platform/http/page.js';
import { RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import { EndsAccess } from '../../../platform/throttling/limit.js';
import { CsrfTokens } from './csrf-tokens.js';
import { EndOwnSessions } from './end-own-sessions.js';
import { HandOutTokens } from './hand-out-tokens.js';
import { ListSessions } from './list-sessions.js';
import { setsCookie } from './token.schemas.js';
import { sessionPage, type SessionView } from './session.schemas.js';

const csrfAnswer = z.object({ csrfToken: z.string() }).meta({ id: 'CsrfToken' });
const endQuery = z.strictObject({
  except: z
    .literal('current')
    .optional()
    .meta({ description: '`current`: all but the session that asks.' }),
});

@ApiTags('auth')
@Controller('api/v1/auth')
@RequirePermission('account:security')
export class SessionsController {
  constructor(
    private readonly listSessions: ListSessions,
    private readonly ending: EndOwnSessions,
    private readonly handOut: HandOutTokens,
    private readonly csrf: CsrfTokens,
  ) {}

  /**
   * Ends the session that asks: its tokens are refused and its sockets closed within 5 s, everywhere. A repeat, also
   * with the same `Idempotency-Key`, is therefore 401: it has ended.
   */
  @Post('logout')
  @HttpCode(204)
  @EndsAccess()
  @ApiNoContentResponse({ headers: setsCookie })
  @ApiProblems(400, 409, 422, 429)
  async logout(
    @Caller() caller: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    await this.ending.logout(caller);
    this.handOut.clear(request, reply);
  }

  /** The token that goes with every write that relies on the session's cookie: for a page that was loaded again. */
  @Get('csrf')
  @ApiOkResponse({ standardSchema: csrfAnswer })
  @ApiProblems(429)
  csrfToken(
    @Caller() { sessionId }: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): { csrfToken: string } {
    void reply.header('cache-control', 'no-store');
    return { csrfToken: this.csrf.of(sessionId) };
  }

  /** The caller's open sessions, the newest first; at most 100 are open at a time. */
  @Get('sessions')
  @ApiOkResponse({ standardSchema: sessionPage })
  @ApiProblems(400, 429)
  list(
    @Caller() caller: Principal,
    @Query({ schema: pageQuery }) query: z.output<typeof pageQuery>,
  ): Promise<Page<SessionView>> {
    return this.listSessions.execute(caller, query);
  }

  /** Ends one of the caller's sessions. */
  @Delete('sessions/:id')
  @HttpCode(204)
  @EndsAccess()
  @ApiNoContentResponse()
  @ApiProblems(400, 404, 429)
  one(@Caller() caller: Principal, @Param('id', { schema: z.uuid() }) id: string): Promise<void> {
    return this.ending.one(caller, id);
  }

  /** Ends all of the caller's sessions, this one as well unless `?except=current`. */
  @Delete('sessions')
  @HttpCode(204)
  @EndsAccess()
  @ApiNoContentResponse()
  @ApiProblems(400, 429)
  all(
    @Caller() caller: Principal,
    @Query({ schema: endQuery }) { except }: z.output<typeof endQuery>,
  ): Promise<void> {
    return this.ending.all(caller, except && caller.sessionId);
  }
}
