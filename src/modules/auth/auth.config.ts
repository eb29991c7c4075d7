import { z } from 'zod';
import { defineSection, type ConfigOf } from '../../platform/config/section.js';
import { LONGEST_TOKEN_SECONDS } from '../../platform/security/token-verifier.js';

const secretText = z.string().min(32, 'expected at least 32 characters of random text');

/** Accounts, sessions and tokens. */
export const authConfig = defineSection(
  'auth',
  {
    issuer: z
      .string()
      .min(1)
      .default('mainstay')
      .meta({ description: 'The `iss` of access tokens.' }),
    audience: z
      .string()
      .min(1)
      .default('mainstay')
      .meta({ description: 'The `aud` of access tokens.' }),
    accessTokenSeconds: z
      .int()
      .min(1)
      .max(LONGEST_TOKEN_SECONDS)
      .default(900)
      .meta({ description: 'Life of an access token.' }),
    refreshTokenDays: z
      .int()
      .min(1)
      .max(365)
      .default(30)
      .meta({ description: 'Life of a session that is not refreshed.' }),
    refreshGraceSeconds: z.int().min(0).max(60).default(10).meta({
      description:
        'For this long a refresh token that was just used gives the same successor again.',
    }),
    keyEncryptionKey: secretText.optional().meta({
      env: 'AUTH_KEY_ENCRYPTION_KEY',
      secret: true,
      description:
        'Encrypts the private signing keys at rest. Without it development keeps one in the data folder.',
    }),
    previousKeyEncryptionKey: secretText.optional().meta({
      env: 'AUTH_KEY_ENCRYPTION_KEY_PREVIOUS',
      secret: true,
      description:
        'Another key that is understood, while one is replaced: first the one to come, then the one before.',
    }),
    keyDays: z.number().min(1).max(365).default(30).meta({
      description:
        'The signing key is replaced after so many days; tokens of the old one live until they expire.',
    }),
    hashConcurrency: z.int().min(1).max(64).optional().meta({
      description:
        'Passwords hashed at the same time; each takes a core, a thread of libuv (`UV_THREADPOOL_SIZE`, 4) and 19 MiB. Without it one less than there are cores, 1 to 3: a flood of logins leaves a core and a thread to everything else.',
    }),
    hashQueue: z.int().min(1).max(10_000).default(50).meta({
      description: 'Passwords that may wait to be hashed; beyond that logins are answered 503.',
    }),
    hashWaitSeconds: z.number().min(0.1).max(60).default(0.9).meta({
      description:
        'How long a password may have to wait to be hashed, as far as those of late tell: beyond that logins are answered 503 at once. A machine that others use as well takes fewer.',
    }),
    deletedDays: z.int().min(1).max(3650).default(30).meta({
      description: 'How long a deleted account can be restored; then it is gone for good.',
    }),
    activitySeconds: z.number().min(1).max(300).default(60).meta({
      description:
        'How often it is noted which sessions are in use, and counted how many users are there.',
    }),
    auditDays: z.int().min(1).max(3650).default(365).meta({
      description: 'How long the audit log is kept.',
    }),
    profileCacheSeconds: z.int().min(1).max(3600).default(300).meta({
      description: 'How long a profile is cached.',
    }),
  },
  (value): Record<string, string> =>
    value.keyEncryptionKey
      ? {}
      : {
          keyEncryptionKey:
            'required in production (AUTH_KEY_ENCRYPTION_KEY; openssl rand -base64 32 makes one)',
        },
);
export type AuthConfig = ConfigOf<typeof authConfig>;
