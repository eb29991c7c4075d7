import { Inject, Injectable } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { authConfig, type AuthConfig } from '../auth.config.js';

/** argon2id, 19 MiB, two passes: 25 ms of one core each. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/**
 * A hash of no account's password, made once. A login for an unknown name is checked against it, so
 * that it takes as long as one for a known name.
 */
let decoy: Promise<string> | undefined;

/** Hashes and checks passwords, a few at a time, so that a flood of logins leaves cores for the rest. */
@Injectable()
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(@Inject(authConfig.KEY) private readonly config: AuthConfig) {}

  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, OPTIONS));
  }

  /** Whether the password fits; `undefined` (no such account) takes the same time and never fits. */
  async verify(storedHash: string | undefined, password: string): Promise<boolean> {
    decoy ??= hash('no account has this password', OPTIONS);
    const against = storedHash ?? (await decoy);
    const fits = await this.inTurn(() => verify(against, password, OPTIONS));
    return fits && storedHash !== undefined;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.config.hashConcurrency) {
      if (this.waiting.length >= this.config.hashQueue) {
        throw platformErrors.overloaded({ headers: { 'retry-after': '2' } });
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.running++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next)
        next(); // hands its turn on
      else this.running--;
    }
  }
}
