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
  account_banned: {
    status: 403,
    title: 'The account is banned',
    help: 'An administrator has banned the account; only an administrator can lift that.',
  },
  too_many_api_keys: {
    status: 409,
    title: 'There are too many API keys',
    help: 'Delete keys that are not needed any more; an account has at most 50.',
  },
  last_admin: {
    status: 409,
    title: 'It is the last administrator of the tenant',
    help: 'Make somebody else an administrator first.',
  },
  tenant_exists: {
    status: 409,
    title: 'The tenant exists already',
    help: 'Choose another id, or use the tenant that is there.',
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
