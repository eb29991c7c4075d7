/** Who makes a request, as the verified access token says. */
export interface Principal {
  userId: string;
  tenantId: string;
  sessionId: string;
  roles: readonly string[];
  /** Unix seconds at which the token ends. */
  expiresAt: number;
}
