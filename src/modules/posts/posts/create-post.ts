import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Database } from '../../../platform/database/database.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { Outbox } from '../../../platform/messaging/outbox.js';
import type { Principal } from '../../../platform/security/principal.js';
import { AuthApi } from '../../auth/auth.contract.js';
import { postChannels, postEvents } from '../posts.contract.js';
import { postsTelemetry } from '../posts.telemetry.js';
import type { Post } from './post.js';
import type { NewPost, PostDetail } from './post.schemas.js';
import { PostsRepository } from './posts.repository.js';
import { presentDetail, presentForAll } from './present-post.js';

/** Writes a post and its event in one transaction. */
@Injectable()
export class CreatePost {
  constructor(
    private readonly database: Database,
    private readonly posts: PostsRepository,
    private readonly outbox: Outbox,
    private readonly auth: AuthApi,
  ) {}

  async execute(caller: Principal, input: NewPost): Promise<PostDetail> {
    const { tenantId, userId } = caller;
    const author = (await this.auth.profilesByIds(tenantId, [userId])).get(userId);
    if (!author) throw platformErrors.invalid_token();
    const post = newPostOf(caller, input);
    return this.database.transaction(async (tx) => {
      this.outbox.append(tx, {
        type: postEvents.postCreated,
        tenantId,
        channels: channelsOf(post),
        data: presentForAll(post, author),
      });
      tx.onCommitted(() => postsTelemetry.postCreated(post.id, post.kind));
      await this.posts.insert(tx, post);
      return presentDetail(post, author);
    });
  }
}

function channelsOf({ visibility, authorId }: Post): string[] {
  if (visibility === 'private') return [postChannels.private(authorId)];
  const followers = postChannels.followers(authorId);
  return visibility === 'public' ? [postChannels.public(authorId), followers] : [followers];
}

function newPostOf(caller: Principal, input: NewPost): Post {
  const now = new Date();
  return {
    id: uuidv7(),
    tenantId: caller.tenantId,
    authorId: caller.userId,
    title: input.title ?? null,
    body: input.body,
    kind: input.kind,
    language: input.language ?? null,
    category: input.category ?? null,
    tags: [...new Set(input.tags)],
    visibility: input.visibility,
    likes: 0,
    comments: 0,
    views: 0,
    bookmarks: 0,
    createdAt: now,
    updatedAt: now,
    editedAt: null,
  };
}
