import { Global, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Caches } from '../../platform/cache/caches.js';
import { RevocationFeed } from '../../platform/security/revocations.js';
import { PublicKeys } from '../../platform/security/token-verifier.js';
import { CachedAccountsRepository } from './accounts/accounts.cache.js';
import { AccountsRepository, PgAccountsRepository } from './accounts/accounts.repository.js';
import { GetProfile } from './accounts/get-profile.js';
import { CachedGetProfile, ProfileCache } from './accounts/profile.cache.js';
import { Register } from './accounts/register.js';
import { UsersController } from './accounts/users.controller.js';
import { AuditRepository, PgAuditRepository } from './audit/audit.repository.js';
import { RecordAudit } from './audit/record-audit.js';
import { CachedAuthApi } from './auth.cache.js';
import { authConfig, type AuthConfig } from './auth.config.js';
import { AuthApi } from './auth.contract.js';
import { AuthRpc } from './auth.rpc.js';
import { AuthService } from './auth.service.js';
import { AuthPublicKeys } from './keys/auth-public-keys.js';
import { ChangeEmail } from './emails/change-email.js';
import { EmailsController } from './emails/emails.controller.js';
import { EmailsRepository, PgEmailsRepository } from './emails/emails.repository.js';
import { RequestVerification } from './emails/request-verification.js';
import { VerifyEmail } from './emails/verify-email.js';
import { IssueAccessToken } from './keys/issue-access-token.js';
import { JwksController } from './keys/jwks.controller.js';
import { KeyEncryption } from './keys/key-encryption.js';
import { SigningKeyEntity } from './keys/signing-key.entity.js';
import { SigningKeys } from './keys/signing-keys.js';
import { AddressMail } from './mail/address-mail.js';
import { DeliverMail } from './mail/deliver-mail.js';
import { DevicesRepository, PgDevicesRepository } from './mail/devices.repository.js';
import { ConfiguredLinkBase, LinkBase } from './mail/link-base.js';
import { mailConfig, type MailConfig } from './mail/mail.config.js';
import { MailboxController } from './mail/mailbox.controller.js';
import { MailboxRepository, PgMailboxRepository } from './mail/mailbox.repository.js';
import { isSmtpDown, Mailer } from './mail/mailer.js';
import { PgRecipientsRepository, RecipientsRepository } from './mail/recipients.repository.js';
import { ReportNewDevice } from './mail/report-new-device.js';
import { Breakers } from '../../platform/resilience/breakers.js';
import { SendMail } from './mail/send-mail.js';
import { IssueOneTimeToken } from './one-time-tokens/issue-one-time-token.js';
import {
  OneTimeTokensRepository,
  PgOneTimeTokensRepository,
} from './one-time-tokens/one-time-tokens.repository.js';
import { PruneOneTimeTokens } from './one-time-tokens/prune-one-time-tokens.js';
import { UseOneTimeToken } from './one-time-tokens/use-one-time-token.js';
import { LinkPagesController } from './pages/link-pages.controller.js';
import { ChangePassword } from './passwords/change-password.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { PasswordsController } from './passwords/passwords.controller.js';
import { PasswordsRepository, PgPasswordsRepository } from './passwords/passwords.repository.js';
import { RequestPasswordReset } from './passwords/request-password-reset.js';
import { ResetPassword } from './passwords/reset-password.js';
import { AnnounceRevocations } from './sessions/announce-revocations.js';
import { AuthController } from './sessions/auth.controller.js';
import { CountActive } from './sessions/count-active.js';
import { EndSessions } from './sessions/end-sessions.js';
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
import { PgSessionsRepository, SessionsRepository } from './sessions/sessions.repository.js';
import { ResolveTenant } from './tenants/resolve-tenant.js';
import { PgTenantsRepository, TenantsRepository } from './tenants/tenants.repository.js';

/** Auth where it serves. Callers of AuthApi get cached(local). */
@Global()
@Module({
  imports: [TypeOrmModule.forFeature([SigningKeyEntity])],
  controllers: [
    AuthController,
    PasswordsController,
    EmailsController,
    UsersController,
    JwksController,
    LinkPagesController,
    MailboxController,
    AuthRpc,
  ],
  providers: [
    PgAccountsRepository,
    {
      provide: AccountsRepository,
      inject: [PgAccountsRepository, ProfileCache],
      useFactory: (accounts: PgAccountsRepository, profiles: ProfileCache) =>
        new CachedAccountsRepository(accounts, profiles),
    },
    { provide: SessionsRepository, useClass: PgSessionsRepository },
    { provide: RevocationsRepository, useClass: PgRevocationsRepository },
    { provide: AuditRepository, useClass: PgAuditRepository },
    { provide: OneTimeTokensRepository, useClass: PgOneTimeTokensRepository },
    { provide: PasswordsRepository, useClass: PgPasswordsRepository },
    { provide: EmailsRepository, useClass: PgEmailsRepository },
    { provide: DevicesRepository, useClass: PgDevicesRepository },
    { provide: MailboxRepository, useClass: PgMailboxRepository },
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
    {
      provide: RevocationFeed,
      inject: [AuthService],
      useFactory: (auth: AuthService) => new AuthRevocationFeed(auth),
    },
    AuthService,
    RecordAudit,
    AnnounceRevocations,
    EndSessions,
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
    ReportNewDevice,
    UseOneTimeToken,
    RequestPasswordReset,
    ResetPassword,
    ChangePassword,
    RequestVerification,
    VerifyEmail,
    ChangeEmail,
    ReportActivity,
  ],
  exports: [AuthApi, PublicKeys, RevocationFeed],
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
    { provide: RevocationsRepository, useClass: PgRevocationsRepository },
    { provide: OneTimeTokensRepository, useClass: PgOneTimeTokensRepository },
    { provide: RecipientsRepository, useClass: PgRecipientsRepository },
    { provide: MailboxRepository, useClass: PgMailboxRepository },
    {
      provide: LinkBase,
      inject: [mailConfig.KEY, HttpAdapterHost],
      useFactory: (config: MailConfig, http: HttpAdapterHost) =>
        new ConfiguredLinkBase(config, http),
    },
    PruneSessions,
    PruneOneTimeTokens,
    CountActive,
    IssueOneTimeToken,
    AddressMail,
    {
      provide: Mailer,
      inject: [mailConfig.KEY, Breakers],
      useFactory: guardedMailer,
    },
    DeliverMail,
  ],
})
export class AuthWorkerModule {}
