import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { platformErrors } from '../errors/platform.errors.js';
import { Ops } from '../security/access.js';
import { Unlimited } from '../throttling/limit.js';
import { consoleFile } from './console-files.js';
import { Recorder } from './recorder.js';
import type { Snapshot } from './snapshot.js';
import { Streams } from './streams.js';

/** A page that shows the process that serves it, to whoever looks after it. */
@ApiExcludeController()
@Ops()
@Unlimited()
@Controller('console')
export class ConsoleController {
  constructor(
    private readonly recorder: Recorder,
    private readonly streams: Streams,
  ) {}

  @Get()
  page(@Res({ passthrough: true }) reply: FastifyReply): string {
    return sendFile('index.html', reply);
  }

  @Get('assets/:name')
  asset(@Param('name') name: string, @Res({ passthrough: true }) reply: FastifyReply): string {
    return sendFile(name, reply);
  }

  @Get('snapshot')
  @Header('cache-control', 'no-store')
  snapshot(): Promise<Snapshot> {
    return this.recorder.snapshot();
  }

  @Get('stream')
  stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.streams.assertRoom();
    request.work.isStream = true;
    const headers = reply.getHeaders() as Record<string, string>;
    reply.hijack(); // its end is not that of a handler, which has a time limit
    if (request.method === 'HEAD')
      return Promise.resolve(void reply.raw.writeHead(200, headers).end());
    return this.streams.feed(reply.raw, headers, request.work.principal?.expiresAt);
  }
}

function sendFile(name: string, reply: FastifyReply): string {
  const file = consoleFile(name);
  if (!file) throw platformErrors.not_found();
  void reply.headers({ 'content-type': file.type, 'cache-control': 'private, no-cache' });
  return file.text;
}
