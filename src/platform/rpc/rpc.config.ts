import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

const peer = (port: number, name: string) =>
  z
    .strictObject({
      host: z
        .string()
        .min(1)
        .default('127.0.0.1')
        .meta({ description: `Where the others reach the ${name} process.` }),
      port: z
        .int()
        .min(1)
        .max(65_535)
        .default(port)
        .meta({ description: `Its internal port. Never routed by the gateway.` }),
    })
    .prefault({});

/** How the processes of a split deployment reach each other. */
export const rpcConfig = defineSection('rpc', {
  transport: z
    .enum(['tcp'])
    .default('tcp')
    .meta({ description: 'The transport between processes.' }),
  timeoutMs: z
    .int()
    .min(10)
    .default(2000)
    .meta({ description: 'A call between processes fails after this.' }),
  concurrency: z.int().min(1).default(500).meta({
    description: 'Calls to one process that may be under way at once.',
  }),
  queue: z.int().min(0).default(500).meta({
    description: 'Calls to one process that may wait for their turn; more are answered 503.',
  }),
  bindHost: z.string().min(1).default('127.0.0.1').meta({
    description:
      'The address that a process listens on for the others. Calls carry no credentials: keep it on a private network.',
  }),
  auth: peer(8180, 'auth'),
  posts: peer(8181, 'posts'),
});
export type RpcConfig = ConfigOf<typeof rpcConfig>;
