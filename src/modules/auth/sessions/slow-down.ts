import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { overloadConfig, type OverloadConfig } from '../../../platform/http/overload.config.js';
import { requestContext } from '../../../platform/observability/request-context.js';
import { BACK_OFF } from '../../../platform/throttling/back-off.js';
import { clientAddress } from '../../../platform/throttling/client-address.js';
import { LimitStorage } from '../../../platform/throttling/limit-storage.js';
import { limitsConfig, type LimitsConfig } from '../../../platform/throttling/limits.config.js';
import type { Standing, Window } from '../../../platform/throttling/window.js';
import { usernameKey } from '../accounts/account.js';
import type { AuditEventName } from '../audit/audit-events.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authTelemetry } from '../auth.telemetry.js';
import { SessionActivityRepository } from './session-activity.repository.js';
import { SlowLanes } from './slow-lanes.js';

/** The pace of the slow lane of an account, over all instances. */
const PACE_MS = 500;
const RETRY_SECONDS = '10';
const NOTED_MS = 60_000;
/** Who waits is a request in flight: of those that `overload.maxInFlight` allows, a tenth at most. */
const SHARE_OF_IN_FLIGHT = 0.1;
/** How many attempts of one address are told apart: it is about who has made none. */
const ATTEMPTS_TOLD = 10;
/** Failures of one address that count for the account: what it may do alone, the policy `auth` bounds. */
const COUNTED_OF_ONE = 5;

/** One attempt to show that one knows a password. */
export interface Attempt {
  tenantId: string;
  /** What was typed to log in; without it the attempt is one of the account's own sessions. */
  identifier?: string;
  /** The account that the identifier leads to, if there is one. */
  userId: string | undefined;
  ip: string;
  /** What the attempt is for; those that are turned away are kept under it. */
  event: AuditEventName;
}

/**
 * Slows down who guesses at one account from many addresses, and never locks its owner out: beyond
 * `limits.account` failures (five of one address at most), attempts are let through one every half second, those from addresses that have
 * tried least first. Addresses that a session of the account was opened from pass at once. It is all
 * the same for names that do not exist, so nothing can be learnt from it.
 */
@Injectable()
export class SlowDown {
  private readonly lanes: SlowLanes;
  /** Attempts that are judged at the moment, by account: they may all turn out to be failures. */
  private readonly underWay = new Map<string, number>();

  constructor(
    private readonly storage: LimitStorage,
    private readonly activity: SessionActivityRepository,
    private readonly audit: RecordAudit,
    @Inject(limitsConfig.KEY) private readonly limits: LimitsConfig,
    @Inject(overloadConfig.KEY) { maxInFlight }: OverloadConfig,
  ) {
    this.lanes = new SlowLanes(Math.max(1, Math.floor(maxInFlight * SHARE_OF_IN_FLIGHT)));
  }

  /**
   * Runs `judge` when it is the attempt's turn.
   *
   * @param judge whether the attempt succeeds
   * @throws AppError `rate_limited` when too many wait, or for too long
   */
  async run<T>(
    attempt: Attempt,
    judge: () => Promise<T | undefined>,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    if (!this.limits.enabled || requestContext()?.hasInternalKey) return judge();
    const key = keyOf(attempt);
    await this.waitForTurn(key, attempt, signal);
    try {
      const result = await judge();
      if (result === undefined) await this.noteFailure(key, attempt);
      return result;
    } finally {
      const others = (this.underWay.get(key) ?? 1) - 1;
      if (others > 0) this.underWay.set(key, others);
      else this.underWay.delete(key);
    }
  }

  /** In one step with the look at how many there are: those that were looked up together come one after another. */
  private begin(key: string): void {
    this.underWay.set(key, (this.underWay.get(key) ?? 0) + 1);
  }

  private async waitForTurn(key: string, attempt: Attempt, signal?: AbortSignal): Promise<void> {
    const [account, address] = await Promise.all([
      this.look(this.ofAccount(key)),
      this.look(this.ofAddress(key, attempt.ip)),
    ]);
    if (account.remaining > (this.underWay.get(key) ?? 0)) return this.begin(key);
    if (await this.isAtHome(attempt)) return this.begin(key);
    authTelemetry.loginSlowed();
    // It counts that it came, not what becomes of it: who is turned away must not stay as good as new.
    await this.storage.take([this.ofAddress(key, attempt.ip)]);
    const turn = await this.lanes.wait(
      { lane: key, attempts: address.limit - address.remaining },
      () => this.takeTurn(key),
      signal,
    );
    if (turn) return this.begin(key);
    if (!signal?.aborted) await this.noteRefusal(key, attempt);
    throw platformErrors.rate_limited({
      detail: `Too many attempts at this account. ${BACK_OFF}`,
      headers: { 'retry-after': RETRY_SECONDS },
    });
  }

  /** Whether a session of the account was opened from this address; as much work where there is no account. */
  private async isAtHome({ userId, ip }: Attempt): Promise<boolean> {
    const known = await this.activity.addressesOf(userId);
    return known.map(clientAddress).includes(clientAddress(ip));
  }

  /** @returns milliseconds until the lane is free; 0 when it was and this attempt has taken it */
  private async takeTurn(key: string): Promise<number> {
    const lane = { key: `{${key}}:account-lane`, limit: 1, windowMs: PACE_MS };
    const [standing] = await this.storage.take([lane]);
    return standing?.retryMs ?? 0;
  }

  private async noteFailure(key: string, { ip }: Attempt): Promise<void> {
    const [address] = await this.storage.take([this.ofAddress(key, ip)]);
    // Without Redis the limit is the share of this process; a full window has not counted this one.
    const isCounted =
      !address || (address.retryMs === 0 && address.limit - address.remaining <= COUNTED_OF_ONE);
    if (isCounted) await this.storage.take([this.ofAccount(key)]);
  }

  /** In the audit log, once a minute for an account: a flood of guesses must not become one of lines. */
  private async noteRefusal(key: string, { tenantId, userId, event }: Attempt): Promise<void> {
    const window = { key: `{${key}}:account-noted`, limit: 1, windowMs: NOTED_MS };
    const [standing] = await this.storage.take([window]);
    if (standing && standing.retryMs > 0) return;
    const detail = { reason: 'rate_limited' };
    await this.audit.refusal({ event, tenantId, subjectId: userId, detail });
  }

  private async look(window: Window): Promise<Pick<Standing, 'limit' | 'remaining'>> {
    const [standing] = await this.storage.look([window]);
    return standing ?? { limit: window.limit, remaining: window.limit };
  }

  private ofAccount(key: string): Window {
    const { limit, windowSeconds } = this.limits.account;
    return { key: `{${key}}:account`, limit, windowMs: windowSeconds * 1000 };
  }

  private ofAddress(key: string, ip: string): Window {
    const { windowSeconds } = this.limits.account;
    const name = `{${key}}:account:${clientAddress(ip)}`;
    return { key: name, limit: ATTEMPTS_TOLD, windowMs: windowSeconds * 1000 };
  }
}

/** A name or address as it is compared, without being readable where it is counted. */
function keyOf({ tenantId, identifier, userId }: Attempt): string {
  const named =
    identifier === undefined ? `\0${userId}` : `${tenantId}\0${usernameKey(identifier)}`;
  return createHash('sha256').update(named).digest('base64url').slice(0, 22);
}
