import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ApiProblems } from '../../../platform/http/api-problems.js';
import { pageQuery, type Page } from '../../../platform/http/page.js';
import { text } from '../../../platform/http/text.js';
import { Public, RequirePermission } from '../../../platform/security/access.js';
import { Caller, ViewedBy, type Viewer } from '../../../platform/security/caller.js';
import type { Principal } from '../../../platform/security/principal.js';
import { CreatePost } from './create-post.js';
import { GetPost } from './get-post.js';
import { ListPosts } from './list-posts.js';
import {
  newPost,
  postDetail,
  postPage,
  type ListItem,
  type NewPost,
  type PostDetail,
} from './post.schemas.js';

const listQuery = pageQuery.extend({
  author: text(1, 64).optional().meta({ description: 'User name of the author.' }),
});

@ApiTags('posts')
@Controller('api/v1/posts')
export class PostsController {
  constructor(
    private readonly createPost: CreatePost,
    private readonly getPost: GetPost,
    private readonly listPosts: ListPosts,
  ) {}

  /** Writes a post. */
  @Post()
  @RequirePermission('posts:write')
  @ApiCreatedResponse({
    standardSchema: postDetail,
    headers: {
      Location: { description: 'Where the post is.', required: true, schema: { type: 'string' } },
    },
  })
  @ApiProblems(400, 409, 422, 429)
  async create(
    @Caller() caller: Principal,
    @Body({ schema: newPost }) body: NewPost,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PostDetail> {
    const post = await this.createPost.execute(caller, body);
    void reply.header('location', `/api/v1/posts/${post.id}`);
    return post;
  }

  /** Public posts, or the posts of one author that the caller may see, newest first. */
  @Get()
  @Public()
  @ApiOkResponse({ standardSchema: postPage })
  @ApiProblems(400)
  list(
    @ViewedBy('posts:read') viewer: Viewer,
    @Query({ schema: listQuery }) query: z.output<typeof listQuery>,
  ): Promise<Page<ListItem>> {
    return this.listPosts.execute(viewer, query);
  }

  /** One post. */
  @Get(':id')
  @Public()
  @ApiOkResponse({ standardSchema: postDetail })
  @ApiProblems(400, 404)
  get(
    @ViewedBy('posts:read') viewer: Viewer,
    @Param('id', { schema: z.uuid() }) id: string,
  ): Promise<PostDetail> {
    return this.getPost.execute(viewer, id.toLowerCase());
  }
}
