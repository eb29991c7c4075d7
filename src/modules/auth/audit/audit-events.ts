/** Everything that is kept in the audit log. */
export const auditEvents = [
  'account.registered',
  'account.changed',
  'account.deleted',
  'account.restored',
  'account.purged',
  'account.banned',
  'account.unbanned',
  'admin.created',
  'api_key.created',
  'api_key.revoked',
  'email.change_requested',
  'email.changed',
  'email.verification_requested',
  'email.verified',
  'identity.link_requested',
  'identity.linked',
  'identity.unlinked',
  'key.revoked',
  'keys.rotated',
  'login',
  'password.changed',
  'password.reset',
  'password.reset_requested',
  'registration.known_email',
  'roles.changed',
  'session.ended',
  'tenant.created',
] as const;
export type AuditEventName = (typeof auditEvents)[number];

/** Something that concerns security: who did what to whom, and whether it was done. */
export interface AuditEvent {
  event: AuditEventName;
  tenantId: string;
  /** The account that it happened to; undefined where there is none, or nobody may know which. */
  subjectId?: string | undefined;
  /** Who did it; without it the caller of the request, or nobody. */
  actorId?: string | undefined;
  sessionId?: string | undefined;
  /** `success` without it. */
  result?: 'success' | 'failure';
  /** Names and codes; never a secret, a token, a password or an address. */
  detail?: Record<string, string | number | boolean | readonly string[] | null>;
}
