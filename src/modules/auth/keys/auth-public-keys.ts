import { setTimeout } from 'node:timers/promises';
import { importJWK, type CryptoKey } from 'jose';
import { PublicKeys } from '../../../platform/security/token-verifier.js';
import type { AuthConfig } from '../auth.config.js';
import type { AuthApi } from '../auth.contract.js';

/** A key that is gone verifies no new token after this time, in every process; one that is revoked not at all. */
const FRESH_MS = 30_000;
/** While the keys cannot be read, those at hand are believed for so long: an outage logs nobody out. */
const STALE_MS = 300_000;
/** Tokens with an unknown key id cause at most one look-up in this time, and wait for it together. */
const UNKNOWN_MS = 200;

/** The public keys of AuthApi, held in memory: for the process of auth and for all others alike. */
export class AuthPublicKeys extends PublicKeys {
  private keys = new Map<string, CryptoKey>();
  private loadedAt = -Infinity;
  private loading: Promise<void> | undefined;

  constructor(
    private readonly auth: AuthApi,
    private readonly config: AuthConfig,
  ) {
    super();
  }

  get issuer(): string {
    return this.config.issuer;
  }

  get audience(): string {
    return this.config.audience;
  }

  async find(kid: string): Promise<CryptoKey | undefined> {
    const age = performance.now() - this.loadedAt;
    const known = this.keys.get(kid);
    if (known && age <= FRESH_MS) return known;
    try {
      await this.load(kid, UNKNOWN_MS - age);
    } catch (error) {
      if (known && age < STALE_MS) return known;
      throw error;
    }
    return this.keys.get(kid);
  }

  /** @param pause for a key that nobody knew a moment ago: a rotation may be under way */
  private load(wanted: string, pause: number): Promise<void> {
    this.loading ??= (pause > 0 ? setTimeout(pause) : Promise.resolve())
      .then(() => this.auth.publicKeys(wanted))
      .then(async (jwks) => {
        const imported = jwks.map(
          async (jwk) => [jwk.kid, (await importJWK(jwk, 'RS256')) as CryptoKey] as const,
        );
        this.keys = new Map(await Promise.all(imported));
        this.loadedAt = performance.now();
      })
      .finally(() => (this.loading = undefined));
    return this.loading;
  }
}
