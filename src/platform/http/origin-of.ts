import type { FastifyRequest } from 'fastify';
import type { Origin } from '../observability/request-context.js';

/** Where a request came from: its address behind trusted proxies, and its `User-Agent`, cut to 200 characters. */
export function originOf({ ip, headers }: FastifyRequest): Origin {
  return { ip, device: (headers['user-agent'] ?? '').slice(0, 200) };
}
