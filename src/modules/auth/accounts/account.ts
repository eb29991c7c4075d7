/** An account as the module itself knows it. */
export interface Account {
  id: string;
  tenantId: string;
  email: string;
  /** Whether the address was proven to be the owner's. */
  emailVerified: boolean;
  username: string;
  displayName: string;
  bio: string;
  avatarUrl: string | null;
  roles: string[];
  createdAt: Date;
}

/** Letters and digits of any script, `_`, `.` and `-`; 3 to 30 of them, after NFKC. */
export const usernamePattern = /^[\p{L}\p{N}_.-]{3,30}$/u;

/** Whether anybody can have this name; of any other there is nothing to ask. */
export function canBeUsername(name: string): boolean {
  return usernamePattern.test(name.normalize('NFKC'));
}

/** Names compare after compatibility normalisation and without case. */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').toLowerCase();
}

/** Addresses compare without case. */
export function emailKey(email: string): string {
  return email.normalize('NFKC').toLowerCase();
}

/** What a public profile is found by. */
export interface ProfileName {
  tenantId: string;
  usernameKey: string;
}
