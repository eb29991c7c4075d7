import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Tx } from '../../../platform/database/transaction.js';
import { requestContext } from '../../../platform/observability/request-context.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { authErrors } from '../auth.errors.js';
import { authTelemetry } from '../auth.telemetry.js';
import { IssueAccessToken } from '../keys/issue-access-token.js';
import { EndSessions } from './end-sessions.js';
import type { TokenPair } from './open-session.js';
import {
  hashRefreshToken,
  newRefreshToken,
  openSuccessor,
  sealSuccessor,
} from './refresh-token.js';
import { SessionsRepository, type LockedToken, type SignedToken } from './sessions.repository.js';

type Outcome = { tokens: TokenPair } | { replayed: string };

/**
 * Gives a new pair for a refresh token. The token just replaced gives the same successor for some
 * seconds (a lost answer, parallel tabs); an older one means that somebody copied it: the session ends.
 */
@Injectable()
export class Refresh {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionsRepository,
    private readonly tokens: IssueAccessToken,
    private readonly ending: EndSessions,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  /** @throws AppError `invalid_refresh_token` */
  async execute(refreshToken: string): Promise<TokenPair> {
    const kept = await this.database.transaction((tx) => this.rotate(tx, refreshToken));
    const result = (await this.isOutlived(kept)) ? await this.again(refreshToken) : kept;
    if ('replayed' in result) {
      authTelemetry.refreshReplayed(result.replayed);
      throw authErrors.invalid_refresh_token();
    }
    return result.tokens;
  }

  /**
   * An answer kept for its `Idempotency-Key` is given again only while its refresh token is the current one of
   * an open session: it was lost on the way then. Where it was used, somebody repeats what they have copied.
   */
  private async isOutlived(kept: Outcome): Promise<boolean> {
    if (!requestContext()?.idempotency?.replayed || 'replayed' in kept) return false;
    return !(await this.sessions.findByToken(hashRefreshToken(kept.tokens.refreshToken), 0));
  }

  /** As if it had no key. */
  private again(refreshToken: string): Promise<Outcome> {
    const claim = requestContext()?.idempotency;
    if (claim) claim.replayed = false;
    return this.database.transaction((tx) => this.rotate(tx, refreshToken), { keepsAnswer: false });
  }

  /** The row lock makes parallel refreshes of one token wait for the first; they find its successor. */
  private async rotate(tx: Tx, token: string): Promise<Outcome> {
    const hash = hashRefreshToken(token);
    const found = await this.sessions.lockToken(tx, hash);
    if (!found || found.ended) throw authErrors.invalid_refresh_token();
    if (found.replacedSecondsAgo !== null) {
      const recent = found.replacedSecondsAgo <= this.config.refreshGraceSeconds;
      if (!recent || found.successorReplaced || !found.sealedSuccessor) {
        const { tenantId, userId, sessionId } = found;
        const reason = 'refresh_token_replayed';
        await this.ending.execute(tx, { tenantId, userId, reason, only: [sessionId] });
        return { replayed: sessionId };
      }
      return this.repeat(tx, found, openSuccessor(token, found.sealedSuccessor));
    }
    const { accessToken, ...signed } = await this.sign(found);
    const next = newRefreshToken(found.sessionId);
    const sealed = sealSuccessor(token, next);
    const days = this.config.refreshTokenDays;
    tx.atCommit(() =>
      this.sessions.replaceToken(tx, hash, hashRefreshToken(next), sealed, days, signed),
    );
    return { tokens: pairOf(accessToken, next, signed) };
  }

  /** The same successor once more, with an access token of its own. */
  private async repeat(tx: Tx, found: LockedToken, successor: string): Promise<Outcome> {
    const { accessToken, ...signed } = await this.sign(found);
    tx.atCommit(() => this.sessions.noteToken(tx, found.sessionId, signed));
    return { tokens: pairOf(accessToken, successor, signed) };
  }

  private sign({ userId: id, tenantId, roles, sessionId }: LockedToken) {
    return this.tokens.execute({ id, tenantId, roles }, sessionId);
  }
}

function pairOf(accessToken: string, refreshToken: string, { expiresIn }: SignedToken): TokenPair {
  return { accessToken, refreshToken, tokenType: 'Bearer', expiresIn };
}
