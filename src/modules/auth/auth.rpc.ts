import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { RpcHandler } from '../../platform/rpc/rpc-handler.js';
import type { CookieSession } from '../../platform/security/credential-store.js';
import type { Principal } from '../../platform/security/principal.js';
import type { RevocationPage } from '../../platform/security/revocations.js';
import type { Profile, ProfileCounts, PublicJwk } from './auth.contract.js';
import { AuthService } from './auth.service.js';

/** The answering end of `auth.client.ts`. */
@Controller()
export class AuthRpc {
  constructor(private readonly auth: AuthService) {}

  @RpcHandler('auth.profilesByIds')
  async profilesByIds(@Payload() input: { tenantId: string; ids: string[] }): Promise<Profile[]> {
    return [...(await this.auth.profilesByIds(input.tenantId, input.ids)).values()];
  }

  @RpcHandler('auth.profileByUsername')
  async profileByUsername(
    @Payload() input: { tenantId: string; username: string },
  ): Promise<Profile | null> {
    return (await this.auth.profileByUsername(input.tenantId, input.username)) ?? null;
  }

  @RpcHandler('auth.setCounts')
  async setCounts(@Payload() counts: ProfileCounts[]): Promise<true> {
    await this.auth.setCounts(counts);
    return true;
  }

  @RpcHandler('auth.noteActivity')
  async noteActivity(@Payload() sessionIds: string[]): Promise<true> {
    await this.auth.noteActivity(sessionIds);
    return true;
  }

  @RpcHandler('auth.publicKeys')
  publicKeys(@Payload() query: { wanted?: string } | null): Promise<PublicJwk[]> {
    return this.auth.publicKeys(query?.wanted); // callers of the version before send null
  }

  @RpcHandler('auth.callerOfApiKey')
  async callerOfApiKey(@Payload() { hash }: { hash: string }): Promise<Principal | null> {
    return (await this.auth.callerOfApiKey(hash)) ?? null;
  }

  @RpcHandler('auth.sessionOfCookie')
  async sessionOfCookie(@Payload() { hash }: { hash: string }): Promise<CookieSession | null> {
    return (await this.auth.sessionOfCookie(hash)) ?? null;
  }

  @RpcHandler('auth.revocationsAfter')
  revocationsAfter(@Payload() { cursor }: { cursor: string }): Promise<RevocationPage> {
    return this.auth.revocationsAfter(cursor);
  }

  /** Whether this process answers at all: the probe of its callers' breakers. */
  @RpcHandler('auth.ping')
  ping(): Promise<true> {
    return Promise.resolve(true);
  }
}
