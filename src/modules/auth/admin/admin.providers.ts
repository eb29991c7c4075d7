import { CreateAdmin } from '../auth.contract.js';
import { AdminUsersController } from './admin-users.controller.js';
import { BanAccount } from './ban-account.js';
import { ChangeUser } from './change-user.js';
import { CreateAdminAccount } from './create-admin.js';
import { ListUsers } from './list-users.js';

/** Accounts as their administrators see and change them. */
export const admin = {
  controllers: [AdminUsersController],
  serving: [
    { provide: CreateAdmin, useClass: CreateAdminAccount },
    BanAccount,
    ChangeUser,
    ListUsers,
  ],
};
