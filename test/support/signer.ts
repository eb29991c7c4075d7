import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { exportJWK, SignJWT, type JWTHeaderParameters, type JWTPayload } from 'jose';
import type { TestDatabase } from './database.js';

/** Signs tokens as the application does, or wrongly in any way, with a key that the test has made. */
export class Signer {
  readonly kid = randomUUID();
  private readonly keys = generateKeyPairSync('rsa', { modulusLength: 2048 });

  get privateKey(): KeyObject {
    return this.keys.privateKey;
  }

  /**
   * Makes its key one that the deployment verifies with: as if it had signed with it before its last
   * rotation. The private half stays here.
   */
  async enlist({ pool }: TestDatabase): Promise<this> {
    const { n, e } = await exportJWK(this.keys.publicKey);
    const jwk = { kty: 'RSA', n, e, kid: this.kid, alg: 'RS256', use: 'sig' };
    await pool.query(
      `INSERT INTO auth.signing_keys (kid, public_jwk, encrypted_private_key, state, retired_at)
       VALUES ($1, $2, '', 'retired', now())`,
      [this.kid, jwk],
    );
    const message = { from: 'test', message: { topic: 'keys' } };
    await pool.query('SELECT pg_notify($1, $2)', ['mainstay', JSON.stringify(message)]);
    return this;
  }

  /** A token that holds in every respect but those that are given. */
  sign(
    subject: { id: string; sessionId: string; tenantId?: string },
    claims: JWTPayload = {},
    header: Partial<JWTHeaderParameters> = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      ...{ iss: 'mainstay', aud: 'mainstay', sub: subject.id },
      ...{ tid: subject.tenantId ?? 'default', sid: subject.sessionId, roles: ['user'], scope: '' },
      ...{ jti: randomUUID(), iat: now, exp: now + 900 },
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: this.kid, ...header })
      .sign(this.privateKey);
  }
}
