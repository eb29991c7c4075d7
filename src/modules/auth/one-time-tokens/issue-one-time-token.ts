import { Injectable } from '@nestjs/common';
import { hashOneTimeToken, newOneTimeToken, type Purpose } from './one-time-token.js';
import { OneTimeTokensRepository } from './one-time-tokens.repository.js';

/**
 * Makes the token of a link when its mail is sent: so no job and no log ever holds one, and its ten
 * minutes do not pass while a mail waits for the mail server.
 */
@Injectable()
export class IssueOneTimeToken {
  constructor(private readonly tokens: OneTimeTokensRepository) {}

  /** @param email where it is sent to; the token is bound to it */
  async execute(userId: string, purpose: Purpose, email: string): Promise<string> {
    const token = newOneTimeToken();
    await this.tokens.insert(hashOneTimeToken(token), userId, purpose, email);
    return token;
  }
}
