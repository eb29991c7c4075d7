import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpAdapterHost } from '@nestjs/core';
import type { MailConfig } from './mail.config.js';

/** What links in mails begin with. Never what a request says of itself: its Host is the sender's choice. */
export abstract class LinkBase {
  /** Without a slash at its end. */
  abstract url(): string;
}

/** The configured address; without one, which only development is, that of this process. */
export class ConfiguredLinkBase extends LinkBase {
  constructor(
    private readonly config: MailConfig,
    private readonly http: HttpAdapterHost,
  ) {
    super();
  }

  url(): string {
    return this.config.linkUrl?.replace(/\/+$/, '') ?? this.own();
  }

  private own(): string {
    const server = this.http.httpAdapter.getHttpServer() as Server;
    const { port } = server.address() as AddressInfo;
    return `http://localhost:${port}`;
  }
}
