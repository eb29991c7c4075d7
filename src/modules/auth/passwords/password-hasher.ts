import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';
import { platformErrors } from '../../../platform/errors/platform.errors.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { Turns } from './turns.js';

/** argon2id, 19 MiB, two passes: 25 ms of one core each. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const { memoryCost, timeCost, parallelism } = OPTIONS;
const TODAY = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`;
/** A libuv pool has four threads, which files and name look-ups need as well. */
const MOST_THREADS = 3;
const RETRY_SECONDS = '2';

/** What a check of a password found. */
export interface Verdict {
  fits: boolean;
  /** Whether the stored hash is not what `hash` makes today, so that it should be replaced. */
  isOutdated: boolean;
}

/**
 * Hashes and checks passwords, a few at a time, so that a flood of logins leaves cores for the rest. Passwords
 * are normalised (NFKC): two keyboards that write `ä` with other code points write the same password.
 */
@Injectable()
export class PasswordHasher {
  private readonly turns: Turns;
  /**
   * A hash that no password has. A login for an unknown name is checked against it, so that it takes as
   * long as one for a known name.
   */
  private readonly decoy = `${TODAY}${unpadded(16)}$${unpadded(32)}`;

  constructor(@Inject(authConfig.KEY) config: AuthConfig) {
    const concurrency = config.hashConcurrency ?? defaultConcurrency();
    const patience = { queue: config.hashQueue, waitMs: config.hashWaitSeconds * 1000 };
    this.turns = new Turns(concurrency, patience, () =>
      platformErrors.overloaded({ headers: { 'retry-after': RETRY_SECONDS } }),
    );
  }

  /** @throws AppError `overloaded` when too many wait already */
  hash(password: string): Promise<string> {
    return this.turns.run(() => hash(password.normalize('NFKC'), OPTIONS));
  }

  /** Whether the password fits; no hash (no such account, or one without a password) takes the same time and never fits. */
  async verify(storedHash: string | null | undefined, password: string): Promise<boolean> {
    return (await this.check(storedHash, password)).fits;
  }

  /**
   * `verify`, and whether the hash is one of today's. One that came from elsewhere may be of bcrypt, which
   * looks at the first 72 bytes only, or of a password that was not normalised.
   *
   * @param signal who gave up meanwhile is not checked any more
   * @throws AppError `overloaded` when too many wait already
   */
  async check(
    storedHash: string | null | undefined,
    password: string,
    signal?: AbortSignal,
  ): Promise<Verdict> {
    const against = storedHash ?? this.decoy;
    const normal = password.normalize('NFKC');
    const compareAll = async (): Promise<'normal' | 'as written' | undefined> => {
      if (await compare(against, normal)) return 'normal';
      if (normal !== password && (await compare(against, password))) return 'as written';
      return undefined;
    };
    const fitsHow = await this.turns.run(compareAll, signal).catch((error: unknown) => {
      // Nobody hears it, and it is no fault of ours.
      throw signal?.aborted ? platformErrors.request_timeout({ cause: error }) : error;
    });
    const fits = fitsHow !== undefined && typeof storedHash === 'string';
    return { fits, isOutdated: fits && (fitsHow === 'as written' || isWeaker(against)) };
  }
}

const isBcrypt = (storedHash: string): boolean => /^\$2[aby]\$/.test(storedHash);

function compare(storedHash: string, password: string): Promise<boolean> {
  return isBcrypt(storedHash)
    ? verifyBcrypt(password, storedHash)
    : verify(storedHash, password, OPTIONS);
}

function isWeaker(storedHash: string): boolean {
  if (isBcrypt(storedHash) || !storedHash.startsWith('$argon2id$')) return true;
  const made = parseOptions(storedHash);
  return made.memoryCost < memoryCost || made.timeCost < timeCost;
}

/** A core is left to the event loop, and a thread of libuv to files. */
function defaultConcurrency(): number {
  return Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1));
}

function unpadded(bytes: number): string {
  return randomBytes(bytes).toString('base64').replaceAll('=', '');
}
