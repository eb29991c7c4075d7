import { Injectable } from '@nestjs/common';
import { Logger } from 'nestjs-pino';

/** Nest's own messages, in our log: what it tells of its start is for debugging, its warnings are not. */
@Injectable()
export class NestLogger extends Logger {
  override log(message: unknown, ...rest: unknown[]): void {
    super.debug(message, ...(rest as [string?]));
  }
}
