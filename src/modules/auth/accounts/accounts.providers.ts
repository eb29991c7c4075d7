import { AuthorCache } from './author.cache.js';
import { ChangeProfile } from './change-profile.js';
import { DeleteAccount } from './delete-account.js';
import { FillSkeletons } from './fill-skeletons.js';
import { ProfileCache } from './profile.cache.js';
import { PurgeAccounts } from './purge-accounts.js';
import { PgPurgesRepository, PurgesRepository } from './purges.repository.js';
import { Register } from './register.js';
import { RestoreAccount } from './restore-account.js';
import { PgSkeletonsRepository, SkeletonsRepository } from './skeletons.repository.js';
import { UsersController } from './users.controller.js';

/** Accounts: what the module wraps in caches stands in `auth.module.ts`. */
export const accounts = {
  controllers: [UsersController],
  serving: [ProfileCache, AuthorCache, Register, ChangeProfile, DeleteAccount, RestoreAccount],
  working: [
    { provide: PurgesRepository, useClass: PgPurgesRepository },
    { provide: SkeletonsRepository, useClass: PgSkeletonsRepository },
    PurgeAccounts,
    FillSkeletons,
  ],
};
