import { Inject, Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Tx } from '../../../platform/database/transaction.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { authErrors } from '../auth.errors.js';
import { IssueAccessToken, type TokenSubject } from '../keys/issue-access-token.js';
import { hashRefreshToken, newRefreshToken } from './refresh-token.js';
import { EndSessions } from './end-sessions.js';
import { SessionsRepository } from './sessions.repository.js';

/** Where a session was opened from, for the list of sessions. */
export interface Device {
  ip: string;
  /** The User-Agent, cut to 200 characters. */
  name: string;
}

/** What a client gets to work with. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  tokenType: 'Bearer';
  /** Seconds until the access token expires. */
  expiresIn: number;
}

/** Open sessions of one account; another one ends the one that was not used for longest. */
const MOST_SESSIONS = 100;

/** Opens a session in the transaction that proved who its user is. */
@Injectable()
export class OpenSession {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly tokens: IssueAccessToken,
    private readonly ending: EndSessions,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  /**
   * @param id of the session, for who has to know it
   * @throws AppError `account_banned`
   */
  async execute(
    tx: Tx,
    subject: TokenSubject,
    device: Device,
    id: string = uuidv7(),
  ): Promise<TokenPair> {
    const refreshToken = newRefreshToken(id);
    const { tenantId, id: userId } = subject;
    const { accessToken, ...token } = await this.tokens.execute(subject, id);
    const { expiresIn } = token;
    const opening = this.sessions.open(tx, {
      id,
      tenantId,
      userId,
      ip: device.ip,
      device: device.name,
      days: this.config.refreshTokenDays,
      tokenHash: hashRefreshToken(refreshToken),
      token,
    });
    // Sent with it in one round trip, and done after it.
    const [isOpen, only] = await Promise.all([
      opening,
      this.sessions.surplus(tx, userId, MOST_SESSIONS),
    ]);
    if (!isOpen) throw authErrors.account_banned();
    if (only.length > 0)
      await this.ending.execute(tx, { tenantId, userId, reason: 'too_many_sessions', only });
    return { accessToken, refreshToken, tokenType: 'Bearer', expiresIn };
  }
}
