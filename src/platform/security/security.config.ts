import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** Which addresses are trusted, and with what. */
export const securityConfig = defineSection('security', {
  internalCidrs: z
    .array(z.string().regex(/^[0-9a-fA-F:.]+\/\d{1,3}$/, 'expected CIDR notation, e.g. 10.0.0.0/8'))
    .default([
      '127.0.0.0/8',
      '::1/128',
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      'fc00::/7',
    ])
    .meta({
      env: 'INTERNAL_CIDRS',
      description:
        'Addresses that may see /metrics, /ops and the detailed probes. Comma-separated in the environment.',
    }),
  internalApiKeys: z
    .array(
      z
        .string()
        .min(32, 'expected at least 32 characters of random text')
        .regex(/^[ -~]*$/, 'expected printable ASCII'),
    )
    .default([])
    .meta({
      env: 'INTERNAL_API_KEYS',
      secret: true,
      description:
        'Keys that internal callers send as `X-Internal-Key`: no limits for them, and the permission `ops:manage`. Two at a time for a rotation; comma-separated in the environment. Without any development keeps one in the data folder, and production takes none.',
    }),
  trustedProxies: z.array(z.string()).default([]).meta({
    env: 'TRUSTED_PROXIES',
    description:
      'Addresses or CIDRs whose X-Forwarded-For is believed. Comma-separated in the environment.',
  }),
});
export type SecurityConfig = ConfigOf<typeof securityConfig>;
