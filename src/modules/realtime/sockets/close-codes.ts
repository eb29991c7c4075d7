/** Why the server closes a connection: the table of the realtime contract. */
export const CloseCode = {
  unsupportedData: 1003,
  policyViolation: 1008,
  serviceRestart: 1012,
  unauthenticated: 4401,
  forbidden: 4403,
  tooSlow: 4408,
} as const;
