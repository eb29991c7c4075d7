import { defineErrors } from '../../platform/errors/catalogue.js';

export const authErrors = defineErrors({
  invalid_credentials: {
    status: 401,
    title: 'The login is not right',
    help: 'Check the user name or e-mail address and the password.',
  },
  invalid_refresh_token: {
    status: 401,
    title: 'The refresh token is not accepted',
    help: 'The session has ended, or the token was used before. Log in again.',
  },
  username_taken: {
    status: 409,
    title: 'The user name is taken',
    help: 'Choose another user name.',
  },
  unknown_tenant: {
    status: 400,
    title: 'The tenant does not exist',
    help: 'Name an existing tenant in `X-Tenant`, or leave the header out.',
  },
  invalid_one_time_token: {
    status: 400,
    title: 'The link is not good any more',
    help: 'A link of a mail is good once, for 10 minutes, and until a newer one is sent. Ask for another.',
  },
  wrong_password: {
    status: 403,
    title: 'The current password is not right',
    help: 'Check `currentPassword`. An account without a password gets one by POST /api/v1/auth/password/forgot.',
  },
  email_taken: {
    status: 409,
    title: 'The e-mail address belongs to another account',
    help: 'Choose another address, or use the account that has it.',
  },
});
