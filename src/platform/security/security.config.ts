import { isIP } from 'node:net';
import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** The names that @fastify/proxy-addr knows. */
const ranges = new Set(['loopback', 'linklocal', 'uniquelocal']);

function isCidr(text: string): boolean {
  const [address = '', length = '', more] = text.split('/');
  const bits = isIP(address) === 4 ? 32 : 128;
  return (
    more === undefined && isIP(address) > 0 && /^\d{1,3}$/.test(length) && Number(length) <= bits
  );
}

/** Which addresses are trusted, and with what. */
export const securityConfig = defineSection('security', {
  internalCidrs: z
    .array(z.string().refine(isCidr, 'expected CIDR notation, e.g. 10.0.0.0/8'))
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
        'Addresses that may see /metrics, /ops, /console and the detailed probes. Comma-separated in the environment.',
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
        'Keys that internal callers send as `X-Internal-Key`: no limits for them, and the permission `ops:manage`. Browsers take one as the password of `/console`. Two at a time for a rotation; comma-separated in the environment. Without any development keeps one in the data folder, and production takes none.',
    }),
  trustedProxies: z
    .array(
      z.string().refine((text) => isIP(text) > 0 || isCidr(text) || ranges.has(text), {
        message:
          'expected an address, CIDR notation (10.0.0.0/8), loopback, linklocal or uniquelocal',
      }),
    )
    .default([])
    .meta({
      env: 'TRUSTED_PROXIES',
      description:
        'Addresses or CIDRs whose X-Forwarded-For is believed. Comma-separated in the environment.',
    }),
});
export type SecurityConfig = ConfigOf<typeof securityConfig>;
