import { Global, Module } from '@nestjs/common';
import { AccessGuard } from './access.guard.js';
import { ActiveSessions } from './active-sessions.js';
import { InternalCallers } from './internal-callers.js';
import { Revocations } from './revocations.js';
import { SessionCookies } from './session-cookies.js';
import { TokenVerifier } from './token-verifier.js';

/** Who may do what; `platform/http/entry.guard.ts` puts the guard in front of every route. */
@Global()
@Module({
  providers: [
    ActiveSessions,
    Revocations,
    TokenVerifier,
    SessionCookies,
    InternalCallers,
    AccessGuard,
  ],
  exports: [
    ActiveSessions,
    Revocations,
    TokenVerifier,
    SessionCookies,
    InternalCallers,
    AccessGuard,
  ],
})
export class SecurityModule {}
