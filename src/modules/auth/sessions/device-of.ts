import type { FastifyRequest } from 'fastify';
import { originOf } from '../../../platform/http/origin-of.js';
import type { Device } from './open-session.js';

/** What a request comes from. */
export function deviceOf(request: FastifyRequest): Device {
  const { ip, device: name } = originOf(request);
  return { ip, name };
}
