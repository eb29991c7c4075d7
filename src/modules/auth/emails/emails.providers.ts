import { ConfirmEmailChange } from './confirm-email-change.js';
import { EmailsController } from './emails.controller.js';
import { EmailsRepository, PgEmailsRepository } from './emails.repository.js';
import { RequestEmailChange } from './request-email-change.js';
import { RequestVerification } from './request-verification.js';
import { VerifyEmail } from './verify-email.js';

/** E-mail addresses: proven and changed. */
export const emails = {
  controllers: [EmailsController],
  serving: [
    { provide: EmailsRepository, useClass: PgEmailsRepository },
    RequestVerification,
    RequestEmailChange,
    VerifyEmail,
    ConfirmEmailChange,
  ],
};
