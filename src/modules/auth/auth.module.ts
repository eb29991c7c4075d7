import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Caches } from '../../platform/cache/caches.js';
import { PublicKeys } from '../../platform/security/token-verifier.js';
import { CachedAccountsRepository } from './accounts/accounts.cache.js';
import { AccountsRepository, PgAccountsRepository } from './accounts/accounts.repository.js';
import { GetProfile } from './accounts/get-profile.js';
import { CachedGetProfile, ProfileCache } from './accounts/profile.cache.js';
import { Register } from './accounts/register.js';
import { UsersController } from './accounts/users.controller.js';
import { CachedAuthApi } from './auth.cache.js';
import { authConfig, type AuthConfig } from './auth.config.js';
import { AuthApi } from './auth.contract.js';
import { AuthRpc } from './auth.rpc.js';
import { AuthService } from './auth.service.js';
import { AuthPublicKeys } from './keys/auth-public-keys.js';
import { IssueAccessToken } from './keys/issue-access-token.js';
import { JwksController } from './keys/jwks.controller.js';
import { KeyEncryption } from './keys/key-encryption.js';
import { SigningKeyEntity } from './keys/signing-key.entity.js';
import { SigningKeys } from './keys/signing-keys.js';
import { DeliverMail } from './mail/deliver-mail.js';
import { mailConfig, type MailConfig } from './mail/mail.config.js';
import { isSmtpDown, Mailer } from './mail/mailer.js';
import { Breakers } from '../../platform/resilience/breakers.js';
import { SendMail } from './mail/send-mail.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { AuthController } from './sessions/auth.controller.js';
import { CountActive } from './sessions/count-active.js';
import { Login } from './sessions/login.js';
import { OpenSession } from './sessions/open-session.js';
import { PruneSessions } from './sessions/prune-sessions.js';
import { Refresh } from './sessions/refresh.js';
import { ReportActivity } from './sessions/report-activity.js';
import { PgSessionsRepository, SessionsRepository } from './sessions/sessions.repository.js';
import { ResolveTenant } from './tenants/resolve-tenant.js';
import { PgTenantsRepository, TenantsRepository } from './tenants/tenants.repository.js';

/** Auth where it serves. Callers of AuthApi get cached(local). */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([SigningKeyEntity])],
  controllers: [AuthController, UsersController, JwksController, AuthRpc],
  providers: [
    PgAccountsRepository,
    {
      provide: AccountsRepository,
      inject: [PgAccountsRepository, ProfileCache],
      useFactory: (accounts: PgAccountsRepository, profiles: ProfileCache) =>
        new CachedAccountsRepository(accounts, profiles),
    },
    { provide: SessionsRepository, useClass: PgSessionsRepository },
    { provide: TenantsRepository, useClass: PgTenantsRepository },
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
    AuthService,
    KeyEncryption,
    SigningKeys,
    IssueAccessToken,
    PasswordHasher,
    OpenSession,
    Register,
    Login,
    Refresh,
    {
      provide: GetProfile,
      inject: [AccountsRepository, ProfileCache],
      useFactory: (accounts: AccountsRepository, profiles: ProfileCache) =>
        new CachedGetProfile(accounts, profiles),
    },
    ProfileCache,
    ResolveTenant,
    SendMail,
    ReportActivity,
  ],
  exports: [AuthApi, PublicKeys],
})
export class AuthModule {}

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
    PruneSessions,
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
