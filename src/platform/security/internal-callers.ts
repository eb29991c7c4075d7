import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { developmentSecret } from '../config/development-secret.js';
import { platformErrors } from '../errors/platform.errors.js';
import { loggerOf } from '../logging/logger.js';
import { addressMatcher } from './internal-addresses.js';
import { securityConfig, type SecurityConfig } from './security.config.js';

const log = loggerOf('security');

/** The header of an internal key. Never a part of a URL, which ends up in logs. */
export const INTERNAL_KEY = 'x-internal-key';

/** Callers from inside: known by their address, and trusted by an internal key. */
@Injectable()
export class InternalCallers {
  readonly isInternal: (address: string) => boolean;
  private readonly digests: readonly Buffer[];

  constructor(@Inject(securityConfig.KEY) config: SecurityConfig) {
    this.isInternal = addressMatcher(config.internalCidrs);
    this.digests = keysOf(config).map(digest);
  }

  /**
   * Whether the caller is internal and sent a valid key. From elsewhere a key is worth nothing, right or
   * wrong, and where no keys are configured none is looked at.
   *
   * @param key as it stands in the header
   * @throws AppError `invalid_internal_key` for a wrong one from an internal address
   */
  holdsKey(address: string, key: string | string[] | undefined): boolean {
    if (key === undefined || this.digests.length === 0 || !this.isInternal(address)) return false;
    const sent = digest(String(key));
    // Digests are of one length, and all of them are compared: the time taken tells nothing.
    if (this.digests.filter((known) => timingSafeEqual(known, sent)).length > 0) return true;
    throw platformErrors.invalid_internal_key();
  }
}

function keysOf(config: SecurityConfig): string[] {
  if (config.internalApiKeys.length > 0) return config.internalApiKeys;
  // Production without keys has none; development makes one, which `npm run ops` finds.
  if (process.env['NODE_ENV'] === 'production') return [];
  try {
    return [developmentSecret('internal-api-key')];
  } catch (error) {
    log.warn({ err: error, event: 'no_internal_key' }, 'no internal key: it cannot be kept');
    return []; // a convenience: a data folder that cannot be written is no reason not to start
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
