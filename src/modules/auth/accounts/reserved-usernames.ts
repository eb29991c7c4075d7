import { usernameSkeleton } from './username-skeleton.js';

/** Names that would pass for the service itself, or stand where a route does. */
const names = [
  ...['abuse', 'admin', 'administrator', 'help', 'helpdesk', 'mainstay', 'me', 'moderator'],
  ...['noreply', 'no-reply', 'official', 'operator', 'postmaster', 'privacy', 'root', 'security'],
  ...['staff', 'support', 'sysadmin', 'system', 'webmaster'],
];
const reserved = new Set(names.map(usernameSkeleton));

/** Whether nobody may have the name, nor one that looks like it. */
export function isReservedUsername(username: string): boolean {
  return reserved.has(usernameSkeleton(username));
}
