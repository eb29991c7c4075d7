import { Controller, Delete, HttpCode, Param, Put } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { text } from '../../../platform/http/text.js';
import { RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import { FollowAuthor } from './follow-author.js';
import { UnfollowAuthor } from './unfollow-author.js';

/** Any text: nobody has a name that cannot exist, and that is 404 like any other. */
const username = text(1, 255);

@ApiTags('graph')
@Controller('api/v1/posts/authors/:username/follow')
export class GraphController {
  constructor(
    private readonly followAuthor: FollowAuthor,
    private readonly unfollowAuthor: UnfollowAuthor,
  ) {}

  /** Follows an author. */
  @Put()
  @HttpCode(204)
  @RequirePermission('graph:write')
  @ApiNoContentResponse()
  @ApiProblems(400, 404, 409, 429)
  async follow(
    @Caller() caller: Principal,
    @Param('username', { schema: username }) name: string,
  ): Promise<void> {
    await this.followAuthor.execute(caller, name);
  }

  /** Stops following an author. */
  @Delete()
  @HttpCode(204)
  @RequirePermission('graph:write')
  @ApiNoContentResponse()
  @ApiProblems(400, 404, 429)
  async unfollow(
    @Caller() caller: Principal,
    @Param('username', { schema: username }) name: string,
  ): Promise<void> {
    await this.unfollowAuthor.execute(caller, name);
  }
}
