import { ChangePassword } from './change-password.js';
import { ConfirmPassword } from './confirm-password.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordsController } from './passwords.controller.js';
import { PasswordsRepository, PgPasswordsRepository } from './passwords.repository.js';
import { RequestPasswordReset } from './request-password-reset.js';
import { ResetPassword } from './reset-password.js';

/** Passwords. */
export const passwords = {
  controllers: [PasswordsController],
  serving: [
    { provide: PasswordsRepository, useClass: PgPasswordsRepository },
    PasswordHasher,
    ConfirmPassword,
    RequestPasswordReset,
    ResetPassword,
    ChangePassword,
  ],
};
