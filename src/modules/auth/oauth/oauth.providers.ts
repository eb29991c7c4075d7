import { BeginFlow } from './begin-flow.js';
import { BeginLink } from './begin-link.js';
import { CreateForeignAccount } from './create-foreign-account.js';
import { FinishFlow } from './finish-flow.js';
import { FlowCookie } from './flow-cookie.js';
import { IdentitiesController } from './identities.controller.js';
import { IdentitiesRepository, PgIdentitiesRepository } from './identities.repository.js';
import { LinkIdentity } from './link-identity.js';
import { ListIdentities } from './list-identities.js';
import { OAuthController } from './oauth.controller.js';
import { SignIn } from './sign-in.js';
import { UnlinkIdentity } from './unlink-identity.js';

/** Signing in elsewhere; the providers behind their breakers stand in `auth.module.ts`. */
export const oauth = {
  controllers: [OAuthController, IdentitiesController],
  serving: [
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
  ],
};
