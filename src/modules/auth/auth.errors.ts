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
  oauth_not_configured: {
    status: 404,
    title: 'Signing in with this provider is not set up',
    help: 'Operators: register a client with the provider, and set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET, or GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, and PUBLIC_URL.',
  },
  oauth_flow_invalid: {
    status: 400,
    title: 'The sign-in was not begun here',
    help: 'It began in another browser, took more than 10 minutes, or was ended before. Begin again.',
  },
  oauth_refused: {
    status: 400,
    title: 'The provider did not confirm the sign-in',
    help: 'It was cancelled there, or its answer was used before. Begin again.',
  },
  oauth_email_unverified: {
    status: 403,
    title: 'The provider does not vouch for the e-mail address',
    help: 'Verify the primary e-mail address with the provider, then sign in again.',
  },
  oauth_account_unverified: {
    status: 409,
    title: 'There is an account whose e-mail address was never verified',
    help: 'Reset its password by mail, which verifies the address, then sign in again.',
  },
  oauth_account_closed: {
    status: 403,
    title: 'The account is closed',
    help: 'It was banned or deleted. Ask whoever runs this service.',
  },
  link_unverified: {
    status: 403,
    title: 'The e-mail address of the account is not verified',
    help: 'Verify the address of the account first, then link others to it.',
  },
  identity_taken: {
    status: 409,
    title: 'The identity belongs to another account',
    help: 'Unlink it there first, or sign in with it.',
  },
  last_login_method: {
    status: 409,
    title: 'Nobody could log in to the account any more',
    help: 'Set a password or link another identity first.',
  },
  invalid_one_time_token: {
    status: 400,
    title: 'The link is not good any more',
    help: 'A link of a mail is good once, for 10 minutes. Of several only the newest three are, for a new address those to the one that was asked for last, and none once one was used. Ask for another.',
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
