import { Global, Module, type Provider } from '@nestjs/common';
import { Caches } from '../../platform/cache/caches.js';
import { CredentialStore } from '../../platform/security/credential-store.js';
import { RevocationFeed } from '../../platform/security/revocations.js';
import { PublicKeys } from '../../platform/security/token-verifier.js';
import { CachedAccountsRepository } from './accounts/accounts.cache.js';
import { AccountsRepository, PgAccountsRepository } from './accounts/accounts.repository.js';
import { AuthorCache } from './accounts/author.cache.js';
import { ChangeProfile } from './accounts/change-profile.js';
import { DeleteAccount } from './accounts/delete-account.js';
import { GetProfile } from './accounts/get-profile.js';
import { CachedGetProfile, ProfileCache } from './accounts/profile.cache.js';
import { PurgeAccounts } from './accounts/purge-accounts.js';
import { PgPurgesRepository, PurgesRepository } from './accounts/purges.repository.js';
import { Register } from './accounts/register.js';
import { RestoreAccount } from './accounts/restore-account.js';
import { UsersController } from './accounts/users.controller.js';
import { CachedAdminUsersRepository } from './admin/admin-users.cache.js';
import { AdminUsersController } from './admin/admin-users.controller.js';
import { AdminUsersRepository, PgAdminUsersRepository } from './admin/admin-users.repository.js';
import { AnnounceRoles } from './admin/announce-roles.js';
import { BanAccount } from './admin/ban-account.js';
import { ChangeUser } from './admin/change-user.js';
import { CreateAdminAccount } from './admin/create-admin.js';
import { ListUsers } from './admin/list-users.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeysRepository, PgApiKeysRepository } from './api-keys/api-keys.repository.js';
import { CreateApiKey } from './api-keys/create-api-key.js';
import { ForgetApiKeys } from './api-keys/forget-api-keys.js';
import { ListApiKeys } from './api-keys/list-api-keys.js';
import { RevokeApiKey } from './api-keys/revoke-api-key.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditRepository, PgAuditRepository } from './audit/audit.repository.js';
import { ListAudit } from './audit/list-audit.js';
import { ListOwnHistory } from './audit/list-own-history.js';
import { PruneAudit } from './audit/prune-audit.js';
import { RecordAudit } from './audit/record-audit.js';
import { CachedAuthApi } from './auth.cache.js';
import { authConfig, type AuthConfig } from './auth.config.js';
import { AuthApi, CreateAdmin } from './auth.contract.js';
import { AuthRpc } from './auth.rpc.js';
import { AuthService } from './auth.service.js';
import { AuthPublicKeys } from './keys/auth-public-keys.js';
import { IssueAccessToken } from './keys/issue-access-token.js';
import { JwksController } from './keys/jwks.controller.js';
import { EndKeySessions } from './keys/end-key-sessions.js';
import { KeepKeys } from './keys/keep-keys.js';
import { KeyEncryption } from './keys/key-encryption.js';
import { KeysController } from './keys/keys.controller.js';
import { KeysRepository, PgKeysRepository } from './keys/keys.repository.js';
import { MakeKey } from './keys/make-key.js';
import { RevokeKey } from './keys/revoke-key.js';
import { RotateKeys } from './keys/rotate-keys.js';
import { SigningKeys } from './keys/signing-keys.js';
import { DeliverMail } from './mail/deliver-mail.js';
import { mailConfig, type MailConfig } from './mail/mail.config.js';
import { isSmtpDown, Mailer } from './mail/mailer.js';
import { Breakers } from '../../platform/resilience/breakers.js';
import { SendMail } from './mail/send-mail.js';
import { BeginFlow } from './oauth/begin-flow.js';
import { BeginLink } from './oauth/begin-link.js';
import { CreateForeignAccount } from './oauth/create-foreign-account.js';
import { FinishFlow } from './oauth/finish-flow.js';
import { FlowCookie } from './oauth/flow-cookie.js';
import { IdentitiesController } from './oauth/identities.controller.js';
import { IdentitiesRepository, PgIdentitiesRepository } from './oauth/identities.repository.js';
import { LinkIdentity } from './oauth/link-identity.js';
import { ListIdentities } from './oauth/list-identities.js';
import { oauthConfig, type OAuthConfig } from './oauth/oauth.config.js';
import { OAuthController } from './oauth/oauth.controller.js';
import { isProviderDown } from './oauth/provider-failures.js';
import { OAuthProviders } from './oauth/providers.js';
import { SignIn } from './oauth/sign-in.js';
import { UnlinkIdentity } from './oauth/unlink-identity.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { AnnounceRevocations } from './sessions/announce-revocations.js';
import { AuthCredentialStore } from './sessions/auth-credential-store.js';
import { AuthController } from './sessions/auth.controller.js';
import { CountActive } from './sessions/count-active.js';
import { CsrfTokens } from './sessions/csrf-tokens.js';
import { FindCookieSession } from './sessions/find-cookie-session.js';
import { EndOwnSessions } from './sessions/end-own-sessions.js';
import { EndSessions } from './sessions/end-sessions.js';
import { HandOutTokens } from './sessions/hand-out-tokens.js';
import { ListSessions } from './sessions/list-sessions.js';
import { Login } from './sessions/login.js';
import { OpenSession } from './sessions/open-session.js';
import { PruneSessions } from './sessions/prune-sessions.js';
import { Refresh } from './sessions/refresh.js';
import { AuthRevocationFeed } from './sessions/auth-revocation-feed.js';
import {
  PgRevocationsRepository,
  RevocationsRepository,
} from './sessions/revocations.repository.js';
import { ReportActivity } from './sessions/report-activity.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { PgSessionsRepository, SessionsRepository } from './sessions/sessions.repository.js';
import { CreateTenant } from './tenants/create-tenant.js';
import { ListTenants } from './tenants/list-tenants.js';
import { SlowDown } from './sessions/slow-down.js';
import { ResolveTenant } from './tenants/resolve-tenant.js';
import { CachedTenantsRepository } from './tenants/tenants.cache.js';
import { TenantsController } from './tenants/tenants.controller.js';
import { PgTenantsRepository, TenantsRepository } from './tenants/tenants.repository.js';

/** Keys are made and changed where auth serves, and by the clock. */
const keys: Provider[] = [
  { provide: KeysRepository, useClass: PgKeysRepository },
  KeyEncryption,
  MakeKey,
  RotateKeys,
  AnnounceRevocations,
  RecordAudit,
  { provide: AuditRepository, useClass: PgAuditRepository },
  { provide: RevocationsRepository, useClass: PgRevocationsRepository },
];

/** Auth where it serves. Callers of AuthApi get cached(local). */
@Global()
@Module({
  controllers: [
    AuthController,
    SessionsController,
    UsersController,
    OAuthController,
    IdentitiesController,
    JwksController,
    KeysController,
    AuthRpc,
    AdminUsersController,
    ApiKeysController,
    AuditController,
    TenantsController,
  ],
  providers: [
    PgAccountsRepository,
    {
      provide: AccountsRepository,
      inject: [PgAccountsRepository, ProfileCache, AuthorCache],
      useFactory: (accounts: PgAccountsRepository, profiles: ProfileCache, authors: AuthorCache) =>
        new CachedAccountsRepository(accounts, profiles, authors),
    },
    { provide: SessionsRepository, useClass: PgSessionsRepository },
    PgTenantsRepository,
    {
      provide: TenantsRepository,
      inject: [PgTenantsRepository],
      useFactory: (tenants: PgTenantsRepository) => new CachedTenantsRepository(tenants),
    },
    PgAdminUsersRepository,
    {
      provide: AdminUsersRepository,
      inject: [PgAdminUsersRepository, ProfileCache],
      useFactory: (users: PgAdminUsersRepository, profiles: ProfileCache) =>
        new CachedAdminUsersRepository(users, profiles),
    },
    { provide: ApiKeysRepository, useClass: PgApiKeysRepository },
    { provide: CreateAdmin, useClass: CreateAdminAccount },
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
    AuthService,
    CsrfTokens,
    HandOutTokens,
    FindCookieSession,
    EndSessions,
    EndOwnSessions,
    ListSessions,
    ...keys,
    SigningKeys,
    RevokeKey,
    IssueAccessToken,
    PasswordHasher,
    OpenSession,
    Register,
    ChangeProfile,
    DeleteAccount,
    RestoreAccount,
    SlowDown,
    Login,
    Refresh,
    {
      provide: GetProfile,
      inject: [AccountsRepository, ProfileCache],
      useFactory: (accounts: AccountsRepository, profiles: ProfileCache) =>
        new CachedGetProfile(accounts, profiles),
    },
    ProfileCache,
    AuthorCache,
    ResolveTenant,
    SendMail,
    ReportActivity,
    {
      provide: OAuthProviders,
      inject: [oauthConfig.KEY, Breakers],
      useFactory: guardedProviders,
    },
    { provide: IdentitiesRepository, useClass: PgIdentitiesRepository },
    FlowCookie,
    BeginFlow,
    BeginLink,
    FinishFlow,
    SignIn,
    CreateForeignAccount,
    LinkIdentity,
    UnlinkIdentity,
    ListIdentities,
    AnnounceRoles,
    BanAccount,
    ChangeUser,
    ListUsers,
    CreateApiKey,
    ForgetApiKeys,
    ListApiKeys,
    RevokeApiKey,
    ListAudit,
    ListOwnHistory,
    CreateTenant,
    ListTenants,
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
    { provide: SessionsRepository, useClass: PgSessionsRepository },
    ...keys,
    { provide: PurgesRepository, useClass: PgPurgesRepository },
    KeepKeys,
    EndKeySessions,
    PruneSessions,
    PruneAudit,
    PurgeAccounts,
    CountActive,
    {
      provide: Mailer,
      inject: [mailConfig.KEY, Breakers],
      useFactory: guardedMailer,
    },
    DeliverMail,
  ],
})
export class AuthWorkerModule {}
