import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { authErrors } from '../auth.errors.js';
import { hashOneTimeToken, type Purpose } from './one-time-token.js';
import { OneTimeTokensRepository, type UsedToken } from './one-time-tokens.repository.js';

/** Takes back the token of a link: once. */
@Injectable()
export class UseOneTimeToken {
  constructor(private readonly tokens: OneTimeTokensRepository) {}

  /** Whether it is worth it to do more for this token; `execute` decides. */
  looksUsable(token: string, ...purposes: Purpose[]): Promise<boolean> {
    return this.tokens.isUsable(hashOneTimeToken(token), purposes);
  }

  /**
   * Uses the token up with the transaction: if that is rolled back, the token is as good as before.
   *
   * @throws AppError `invalid_one_time_token`
   */
  async execute(tx: Tx, token: string, ...purposes: Purpose[]): Promise<UsedToken> {
    const used = await this.tokens.use(tx, hashOneTimeToken(token), purposes);
    if (!used) throw authErrors.invalid_one_time_token();
    return used;
  }
}
