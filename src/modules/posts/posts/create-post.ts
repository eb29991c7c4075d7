import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { BatchWriter } from '../../../platform/database/batch-writer.js';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { domainEvent, type DomainEvent } from '../../../platform/messaging/domain-event.js';
import { Outbox } from '../../../platform/messaging/outbox.js';
import type { Principal } from '../../../platform/security/principal.js';
import { AuthApi, type Profile } from '../../auth/auth.contract.js';
import { postChannels, postEvents } from '../posts.contract.js';
import { postsTelemetry } from '../posts.telemetry.js';
import type { Post } from './post.js';
import type { NewPost, PostDetail } from './post.schemas.js';
import { PostsRepository } from './posts.repository.js';
import { presentDetail, presentForAll } from './present-post.js';

/** A post with the event that tells of it. */
interface Creation {
  post: Post;
  author: Profile;
  event: DomainEvent;
}

/**
 * Writes a post and its event in one transaction; posts that arrive at the same moment share it.
 */
@Injectable()
export class CreatePost {
  private readonly batches: BatchWriter<Creation, PostDetail>;

  constructor(
    database: Database,
    private readonly posts: PostsRepository,
    private readonly outbox: Outbox,
    private readonly auth: AuthApi,
  ) {
    this.batches = new BatchWriter('posts.insert', database, (tx, creations) =>
      this.write(tx, creations),
    );
  }

  async execute(caller: Principal, input: NewPost): Promise<PostDetail> {
    const { tenantId, userId } = caller;
    const author = (await this.auth.profilesByIds(tenantId, [userId])).get(userId);
    if (!author) throw platformErrors.invalid_token();
    const post = newPostOf(caller, input);
    return this.batches.add({ post, author, event: eventOf(post, author) });
  }

  private async write(tx: Tx, creations: Creation[]): Promise<PostDetail[]> {
    for (const { post, event } of creations) {
      this.outbox.append(tx, event);
      tx.onCommitted(() => postsTelemetry.postCreated(post.id, post.kind));
    }
    await this.posts.insert(
      tx,
      creations.map(({ post }) => post),
    );
    return creations.map(({ post, author }) => presentDetail(post, author));
  }
}

function eventOf(post: Post, author: Profile): DomainEvent {
  return domainEvent({
    type: postEvents.postCreated,
    tenantId: post.tenantId,
    channels: channelsOf(post),
    data: presentForAll(post, author),
  });
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
