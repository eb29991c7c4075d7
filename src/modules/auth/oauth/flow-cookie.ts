import { Inject, Injectable } from '@nestjs/common';
import { parseCookie, stringifySetCookie } from 'cookie';
import { z } from 'zod';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { SealedBox } from '../keys/sealed-box.js';
import { providerNames } from './provider.js';

const NAME = '__Host-oauth';
/** Who takes longer to sign in elsewhere begins again. */
export const FLOW_SECONDS = 600;

const flowSchema = z.object({
  provider: z.enum(providerNames),
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  tenantId: z.string(),
  returnTo: z.string().optional(),
  link: z.object({ userId: z.string(), sessionId: z.string() }).optional(),
  expiresAt: z.number(),
});

/** A sign-in elsewhere that is under way. */
export type Flow = z.output<typeof flowSchema>;

/**
 * Keeps a flow in the browser that began it, so that no other browser can end it, and any instance
 * can: in a sealed cookie that scripts and other hosts can neither read nor set.
 */
@Injectable()
export class FlowCookie {
  private readonly box: SealedBox;

  constructor(@Inject(authConfig.KEY) config: AuthConfig) {
    this.box = new SealedBox(config, 'oauth flows');
  }

  /** @returns the value of a `Set-Cookie` header */
  set(flow: Flow): string {
    const sealed = this.box.seal(JSON.stringify(flow));
    return cookieOf(sealed.toString('base64url'), FLOW_SECONDS);
  }

  /** @returns the value of a `Set-Cookie` header that removes it */
  clear(): string {
    return cookieOf('', 0);
  }

  /**
   * @param header the `Cookie` header
   * @returns undefined when there is no flow, or one that was tampered with or took too long
   */
  read(header: string | undefined): Flow | undefined {
    const value = parseCookie(header ?? '')[NAME];
    if (value === undefined || value === '') return undefined;
    try {
      const flow: unknown = JSON.parse(this.box.open(Buffer.from(value, 'base64url')));
      const { data } = flowSchema.safeParse(flow);
      return data && data.expiresAt > Date.now() ? data : undefined;
    } catch {
      return undefined; // not sealed by us
    }
  }
}

/** Lax: the provider's redirect is a navigation from another site, and must bring it along. */
function cookieOf(value: string, maxAge: number): string {
  return stringifySetCookie({
    name: NAME,
    value,
    maxAge,
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'lax',
  });
}
