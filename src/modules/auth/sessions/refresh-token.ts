import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

/**
 * A new refresh token: 256 random bits, opaque to everyone. In front of them stands the session, the
 * same in all its tokens, by which refreshes are counted; it proves nothing.
 */
export function newRefreshToken(sessionId: string): string {
  const session = Buffer.from(sessionId.replaceAll('-', ''), 'hex').toString('base64url');
  return `mr_${session}.${randomBytes(32).toString('base64url')}`;
}

/** The id of the session that a token of ours is of. */
export function sessionOf(token: string): string {
  const hex = Buffer.from(token.slice(3, 25), 'base64url').toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What is stored of a token. */
export function hashRefreshToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Seals the successor under the token it replaces: only who holds that one can read it. */
export function sealSuccessor(token: string, successor: string): Buffer {
  const cipher = createCipheriv('aes-256-gcm', successorKey(token), Buffer.alloc(12));
  return Buffer.concat([cipher.update(successor, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

export function openSuccessor(token: string, sealed: Buffer): string {
  const decipher = createDecipheriv('aes-256-gcm', successorKey(token), Buffer.alloc(12));
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString(
    'utf8',
  );
}

/** The key seals exactly one text ever, so a fixed nonce is safe. */
function successorKey(token: string): Buffer {
  return Buffer.from(hkdfSync('sha256', token, 'mainstay', 'refresh successor', 32));
}
