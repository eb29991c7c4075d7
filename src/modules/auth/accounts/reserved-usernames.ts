import { usernameSkeleton } from './username-skeleton.js';

/** Names that would pass for the service itself, or stand where a route does. */
const names = [
  ...[
    'abuse',
    'account',
    'accounts',
    'admin',
    'administrator',
    'anonymous',
    'api',
    'auth',
    'billing',
  ],
  ...[
    'bot',
    'contact',
    'everyone',
    'help',
    'helpdesk',
    'info',
    'mail',
    'mainstay',
    'me',
    'moderator',
  ],
  ...[
    'moderators',
    'nobody',
    'noreply',
    'no-reply',
    'null',
    'official',
    'operator',
    'ops',
    'owner',
  ],
  ...[
    'password',
    'postmaster',
    'privacy',
    'root',
    'security',
    'self',
    'service',
    'staff',
    'status',
  ],
  ...['support', 'sysadmin', 'system', 'team', 'undefined', 'user', 'users', 'webmaster'],
];
const reserved = new Set(names.map(usernameSkeleton));

/** Whether nobody may have the name, nor one that looks like it. */
export function isReservedUsername(username: string): boolean {
  return reserved.has(usernameSkeleton(username));
}
