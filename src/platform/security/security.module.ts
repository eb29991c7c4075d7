import { Global, Module } from '@nestjs/common';
import { AccessGuard } from './access.guard.js';
import { TokenVerifier } from './token-verifier.js';

/** Guard and verifier; `app/app.module.ts` makes the guard global. */
@Global()
@Module({ providers: [TokenVerifier, AccessGuard], exports: [TokenVerifier, AccessGuard] })
export class SecurityModule {}
