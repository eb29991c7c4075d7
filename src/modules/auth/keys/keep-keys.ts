import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { LONGEST_TOKEN_SECONDS } from '../../../platform/security/token-verifier.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { authTelemetry } from '../auth.telemetry.js';
import { KeysRepository, type StoredKey } from './keys.repository.js';
import { RotateKeys } from './rotate-keys.js';

/** Others keep the published keys for ten minutes (`max-age=600`): a key must have been there for longer. */
const LEAST_STANDBY_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Rotates the keys when they are old enough, and forgets those whose last token has ended; looks every hour. */
@Injectable()
export class KeepKeys implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly keys: KeysRepository,
    private readonly rotate: RotateKeys,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.schedule('auth.keep-keys', '13 * * * *', () => this.execute());
  }

  /** What the hourly job does. */
  async execute(): Promise<void> {
    const gone = await this.keys.removeRetired(LONGEST_TOKEN_SECONDS + 60);
    for (const kid of gone) authTelemetry.keyGone(kid);
    // Looked at before a key is made for nothing, and again under the lock.
    if (!this.isDue(await this.keys.list())) return;
    await this.rotate.execute((keys) => this.isDue(keys));
  }

  private isDue(keys: readonly StoredKey[]): boolean {
    const active = keys.find(({ state }) => state === 'active');
    const standby = keys.find(({ state }) => state === 'standby');
    if (!active || !standby) return false; // the next start of auth makes it
    const signsSince = (active.activatedAt ?? active.createdAt).getTime();
    const isOld = Date.now() - signsSince > this.config.keyDays * DAY_MS;
    return isOld && Date.now() - standby.createdAt.getTime() > LEAST_STANDBY_MS;
  }
}
