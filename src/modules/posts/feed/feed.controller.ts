import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { pageQuery, type Page } from '../../../platform/http/page.js';
import { RequirePermission } from '../../../platform/security/access.js';
import { Caller } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import { postPage, type ListItem } from '../posts/post.schemas.js';
import { GetFeed } from './get-feed.js';

@ApiTags('feed')
@Controller('api/v1/posts/feed')
export class FeedController {
  constructor(private readonly getFeed: GetFeed) {}

  /** The caller's own and followed authors' posts, newest first. */
  @Get()
  @RequirePermission('posts:read')
  @ApiOkResponse({ standardSchema: postPage })
  @ApiProblems(400, 429)
  feed(
    @Caller() caller: Principal,
    @Query({ schema: pageQuery }) query: z.output<typeof pageQuery>,
  ): Promise<Page<ListItem>> {
    return this.getFeed.execute(caller, query);
  }
}
