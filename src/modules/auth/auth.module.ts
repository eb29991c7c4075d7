import { Global, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Caches } from '../../platform/cache/caches.js';
import { Breakers } from '../../platform/resilience/breakers.js';
import { CredentialStore } from '../../platform/security/credential-store.js';
import { RevocationFeed } from '../../platform/security/revocations.js';
import { PublicKeys } from '../../platform/security/token-verifier.js';
import { CachedAccountsRepository } from './accounts/accounts.cache.js';
import { accounts } from './accounts/accounts.providers.js';
import { AccountsRepository, PgAccountsRepository } from './accounts/accounts.repository.js';
import { AuthorCache } from './accounts/author.cache.js';
import { GetProfile } from './accounts/get-profile.js';
import { CachedGetProfile, ProfileCache } from './accounts/profile.cache.js';
import { CachedAdminUsersRepository } from './admin/admin-users.cache.js';
import { AdminUsersRepository, PgAdminUsersRepository } from './admin/admin-users.repository.js';
import { admin } from './admin/admin.providers.js';
import { apiKeys } from './api-keys/api-keys.providers.js';
import { audit } from './audit/audit.providers.js';
import { CachedAuthApi } from './auth.cache.js';
import { authConfig, type AuthConfig } from './auth.config.js';
import { AuthApi, CreateAdmin } from './auth.contract.js';
import { AuthRpc } from './auth.rpc.js';
import { AuthService } from './auth.service.js';
import { emails } from './emails/emails.providers.js';
import { AuthPublicKeys } from './keys/auth-public-keys.js';
import { keys } from './keys/keys.providers.js';
import { ConfiguredLinkBase, LinkBase } from './mail/link-base.js';
import { mailConfig, type MailConfig } from './mail/mail.config.js';
import { mail } from './mail/mail.providers.js';
import { isSmtpDown, Mailer } from './mail/mailer.js';
import { oauthConfig, type OAuthConfig } from './oauth/oauth.config.js';
import { oauth } from './oauth/oauth.providers.js';
import { isProviderDown } from './oauth/provider-failures.js';
import { OAuthProviders } from './oauth/providers.js';
import { oneTimeTokens } from './one-time-tokens/one-time-tokens.providers.js';
import { LinkPagesController } from './pages/link-pages.controller.js';
import { passwords } from './passwords/passwords.providers.js';
import { AuthRevocationFeed } from './revocations/auth-revocation-feed.js';
import { revocations } from './revocations/revocations.providers.js';
import { AuthCredentialStore } from './sessions/auth-credential-store.js';
import { sessions } from './sessions/sessions.providers.js';
import { CachedTenantsRepository } from './tenants/tenants.cache.js';
import { tenants } from './tenants/tenants.providers.js';
import { PgTenantsRepository, TenantsRepository } from './tenants/tenants.repository.js';

/**
 * Auth where it serves. Each area lists what is its own; here stands what wraps what. Callers of AuthApi
 * get cached(local).
 */
@Global()
@Module({
  controllers: [
    ...accounts.controllers,
    ...sessions.controllers,
    ...keys.controllers,
    ...passwords.controllers,
    ...emails.controllers,
    ...mail.controllers,
    ...oauth.controllers,
    ...apiKeys.controllers,
    ...admin.controllers,
    ...audit.controllers,
    ...tenants.controllers,
    LinkPagesController,
    AuthRpc,
  ],
  providers: [
    ...revocations.both,
    ...sessions.both,
    ...keys.both,
    ...oneTimeTokens.both,
    ...apiKeys.both,
    ...mail.both,
    ...audit.both,
    ...accounts.serving,
    ...sessions.serving,
    ...keys.serving,
    ...passwords.serving,
    ...emails.serving,
    ...oneTimeTokens.serving,
    ...mail.serving,
    ...oauth.serving,
    ...apiKeys.serving,
    ...admin.serving,
    ...audit.serving,
    ...tenants.serving,
    PgAccountsRepository,
    {
      provide: AccountsRepository,
      inject: [PgAccountsRepository, ProfileCache, AuthorCache],
      useFactory: (
        repository: PgAccountsRepository,
        profiles: ProfileCache,
        authors: AuthorCache,
      ) => new CachedAccountsRepository(repository, profiles, authors),
    },
    {
      provide: GetProfile,
      inject: [AccountsRepository, ProfileCache],
      useFactory: (repository: AccountsRepository, profiles: ProfileCache) =>
        new CachedGetProfile(repository, profiles),
    },
    PgTenantsRepository,
    {
      provide: TenantsRepository,
      inject: [PgTenantsRepository],
      useFactory: (repository: PgTenantsRepository) => new CachedTenantsRepository(repository),
    },
    PgAdminUsersRepository,
    {
      provide: AdminUsersRepository,
      inject: [PgAdminUsersRepository, ProfileCache],
      useFactory: (users: PgAdminUsersRepository, profiles: ProfileCache) =>
        new CachedAdminUsersRepository(users, profiles),
    },
    {
      provide: OAuthProviders,
      inject: [oauthConfig.KEY, Breakers],
      useFactory: guardedProviders,
    },
    AuthService,
    {
      provide: AuthApi,
      inject: [AuthService, Caches, authConfig.KEY],
      useFactory: (auth: AuthService, caches: Caches, config: AuthConfig) =>
        new CachedAuthApi(auth, caches, config),
    },
    {
      provide: PublicKeys,
      inject: [AuthService, authConfig.KEY],
      useFactory: (auth: AuthService, config: AuthConfig) => new AuthPublicKeys(auth, config),
    },
    {
      provide: RevocationFeed,
      inject: [AuthService],
      useFactory: (auth: AuthService) => new AuthRevocationFeed(auth),
    },
    {
      provide: CredentialStore,
      inject: [AuthService],
      useFactory: (auth: AuthService) => new AuthCredentialStore(auth),
    },
  ],
  exports: [AuthApi, CreateAdmin, PublicKeys, RevocationFeed, CredentialStore],
})
export class AuthModule {}

/** Each provider behind a breaker of its own: one that is down costs nobody their patience. */
function guardedProviders(config: OAuthConfig, breakers: Breakers): OAuthProviders {
  return new OAuthProviders(config, (name, probe) => {
    const outbound = breakers.outbound(
      `oauth_${name}`,
      {
        isFailure: isProviderDown,
        fallback: 'nobody signs in there; passwords and other providers work',
        probe,
      },
      { timeoutMs: 10_000, concurrency: 10, queue: 50 },
    );
    return (call, repeatable) => outbound.run(call, { repeatable });
  });
}

/** The mail server behind a breaker: while it is down mails wait in their queue. */
function guardedMailer(config: MailConfig, breakers: Breakers): Mailer {
  if (config.smtpUrl === undefined) return new Mailer(config);
  const smtp = breakers.outbound(
    'smtp',
    {
      isFailure: isSmtpDown,
      fallback: 'mails wait in the job queue and are tried again',
      probe: () => mailer.check(),
    },
    { timeoutMs: 30_000, concurrency: 5, queue: 50 },
  );
  const mailer = new Mailer(config, (deliver) => smtp.run(deliver));
  return mailer;
}

/** Auth's background work, for the processes that work jobs. */
@Module({
  providers: [
    ...revocations.both,
    ...sessions.both,
    ...keys.both,
    ...oneTimeTokens.both,
    ...apiKeys.both,
    ...mail.both,
    ...audit.both,
    ...accounts.working,
    ...sessions.working,
    ...keys.working,
    ...oneTimeTokens.working,
    ...mail.working,
    ...audit.working,
    {
      provide: LinkBase,
      inject: [mailConfig.KEY, HttpAdapterHost],
      useFactory: (config: MailConfig, http: HttpAdapterHost) =>
        new ConfiguredLinkBase(config, http),
    },
    {
      provide: Mailer,
      inject: [mailConfig.KEY, Breakers],
      useFactory: guardedMailer,
    },
  ],
})
export class AuthWorkerModule {}
