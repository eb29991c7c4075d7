import { Global, Module } from '@nestjs/common';
import { Caches } from '../../platform/cache/caches.js';
import { Breakers } from '../../platform/resilience/breakers.js';
import { RpcClient } from '../../platform/rpc/rpc-client.js';
import { rpcConfig, type RpcConfig } from '../../platform/rpc/rpc.config.js';
import { CredentialStore, type CookieSession } from '../../platform/security/credential-store.js';
import type { Principal } from '../../platform/security/principal.js';
import { RevocationFeed, type RevocationPage } from '../../platform/security/revocations.js';
import { PublicKeys } from '../../platform/security/token-verifier.js';
import { CachedAuthApi } from './auth.cache.js';
import { authConfig, type AuthConfig } from './auth.config.js';
import { AuthApi, type Profile, type ProfileCounts, type PublicJwk } from './auth.contract.js';
import { AuthPublicKeys } from './keys/auth-public-keys.js';
import { AuthCredentialStore } from './sessions/auth-credential-store.js';
import { AuthRevocationFeed } from './revocations/auth-revocation-feed.js';
import { ReportActivity } from './sessions/report-activity.js';

/** The client of auth's process. */
class AuthRpcClient extends RpcClient {
  constructor(config: RpcConfig, breakers: Breakers) {
    super('auth', config, breakers);
  }
}

/** AuthApi over the wire. */
class RemoteAuthApi extends AuthApi {
  constructor(private readonly rpc: RpcClient) {
    super();
  }

  async profilesByIds(tenantId: string, ids: readonly string[]): Promise<Map<string, Profile>> {
    const profiles = await this.rpc.call<Profile[]>('profilesByIds', { tenantId, ids });
    return new Map(profiles.map((profile) => [profile.id, profile]));
  }

  async profileByUsername(tenantId: string, username: string): Promise<Profile | undefined> {
    return (
      (await this.rpc.call<Profile | null>('profileByUsername', { tenantId, username })) ??
      undefined
    );
  }

  async setCounts(counts: readonly ProfileCounts[]): Promise<void> {
    await this.rpc.call('setCounts', counts);
  }

  async noteActivity(sessionIds: readonly string[]): Promise<void> {
    await this.rpc.call('noteActivity', sessionIds);
  }

  publicKeys(wanted?: string): Promise<PublicJwk[]> {
    return this.rpc.call('publicKeys', { wanted });
  }

  async callerOfApiKey(hash: string): Promise<Principal | undefined> {
    return (await this.rpc.call<Principal | null>('callerOfApiKey', { hash })) ?? undefined;
  }

  async sessionOfCookie(hash: string): Promise<CookieSession | undefined> {
    return (await this.rpc.call<CookieSession | null>('sessionOfCookie', { hash })) ?? undefined;
  }

  revocationsAfter(cursor: string): Promise<RevocationPage> {
    return this.rpc.call('revocationsAfter', { cursor });
  }
}

/** Binds AuthApi to another process. */
@Global()
@Module({
  providers: [
    {
      provide: AuthRpcClient,
      inject: [rpcConfig.KEY, Breakers],
      useFactory: (config: RpcConfig, breakers: Breakers) => new AuthRpcClient(config, breakers),
    },
    {
      provide: AuthApi,
      inject: [AuthRpcClient, Caches, authConfig.KEY],
      useFactory: (rpc: AuthRpcClient, caches: Caches, config: AuthConfig) =>
        new CachedAuthApi(new RemoteAuthApi(rpc), caches, config),
    },
    {
      provide: PublicKeys,
      inject: [AuthApi, authConfig.KEY],
      useFactory: (auth: AuthApi, config: AuthConfig) => new AuthPublicKeys(auth, config),
    },
    {
      provide: RevocationFeed,
      inject: [AuthApi],
      useFactory: (auth: AuthApi) => new AuthRevocationFeed(auth),
    },
    {
      provide: CredentialStore,
      inject: [AuthApi],
      useFactory: (auth: AuthApi) => new AuthCredentialStore(auth),
    },
    ReportActivity,
  ],
  exports: [AuthApi, PublicKeys, RevocationFeed, CredentialStore],
})
export class AuthClientModule {}
