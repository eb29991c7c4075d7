import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { pageHeaders } from '../../../platform/http/security-headers.js';
import { Public } from '../../../platform/security/access.js';
import { Unlimited } from '../../../platform/throttling/limit.js';
import { linkPageFile } from './link-page-files.js';

/**
 * Where the links in mails lead as long as `mail.linkUrl` names no front end: two pages that take the
 * token from the fragment and give it to the API. What they call there is limited.
 */
@ApiExcludeController()
@Public()
@Unlimited()
@Controller()
export class LinkPagesController {
  @Get('verify-email')
  verifyEmail(@Res({ passthrough: true }) reply: FastifyReply): string {
    return sendFile('verify-email.html', reply);
  }

  @Get('reset-password')
  resetPassword(@Res({ passthrough: true }) reply: FastifyReply): string {
    return sendFile('reset-password.html', reply);
  }

  @Get('link-pages/:name')
  asset(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): string {
    return sendFile(name, reply);
  }
}

function sendFile(name: string, reply: FastifyReply): string {
  const file = linkPageFile(name);
  if (!file) throw platformErrors.not_found();
  void reply.headers({
    ...pageHeaders,
    'content-type': file.type,
    'cache-control': 'public, no-cache',
  });
  return file.text;
}
