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
});
