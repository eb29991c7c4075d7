import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { z } from 'zod';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { Cursors } from '../../../platform/http/cursors.js';
import { pageQuery, toPage, type Page } from '../../../platform/http/page.js';
import { Ops } from '../../../platform/security/access.js';
import { Unlimited } from '../../../platform/throttling/limit.js';
import { MailboxRepository } from './mailbox.repository.js';

interface ShownMail {
  id: string;
  to: string;
  subject: string;
  text: string;
  createdAt: string;
}

/** The mails of a machine without a mail server, for its developers; in production there is no such route. */
@ApiExcludeController()
@Ops()
@Unlimited()
@Controller('ops/mailbox')
export class MailboxController {
  constructor(
    private readonly mails: MailboxRepository,
    private readonly cursors: Cursors,
  ) {}

  /** Newest first. */
  @Get()
  @Header('cache-control', 'no-store')
  async list(
    @Query({ schema: pageQuery }) { limit, cursor }: z.output<typeof pageQuery>,
  ): Promise<Page<ShownMail>> {
    if (process.env['NODE_ENV'] === 'production') throw platformErrors.not_found();
    const before = cursor === undefined ? undefined : this.cursors.decode('mailbox', cursor);
    const stored = await this.mails.list(before, limit + 1);
    const { rows, nextCursor } = toPage(stored, limit, ({ id }) =>
      this.cursors.encode('mailbox', id),
    );
    return {
      items: rows.map((mail) => ({ ...mail, createdAt: mail.createdAt.toISOString() })),
      nextCursor,
    };
  }
}
