import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { MailConfig } from './mail.config.js';

/** What links in mails begin with. Never what a request says of itself: its Host is the sender's choice. */
export abstract class LinkBase {
  /** Without a slash at its end. */
  abstract url(): Promise<string>;
}

/** The configured address; without one, which only development is, that of this process. */
export class ConfiguredLinkBase extends LinkBase implements OnModuleInit {
  private own: Promise<string> | undefined;

  constructor(
    private readonly config: MailConfig,
    private readonly http: HttpAdapterHost,
  ) {
    super();
  }

  /** Jobs are worked a moment before the server listens, and a moment after it has stopped. */
  onModuleInit(): void {
    const server = this.http.httpAdapter.getHttpServer() as Server;
    this.own = new Promise((resolve) =>
      server.once('listening', () => {
        const { port } = server.address() as AddressInfo;
        resolve(`http://localhost:${port}`);
      }),
    );
  }

  async url(): Promise<string> {
    return this.config.linkUrl?.replace(/\/+$/, '') ?? (await this.own) ?? '';
  }
}
