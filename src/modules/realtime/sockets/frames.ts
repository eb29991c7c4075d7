import { z } from 'zod';
import { messageOf } from '../../../platform/http/validation-messages.js';

const id = z.union([z.string().max(64), z.int()]).optional();
const topic = z.string().min(1).max(200);

/** The frames a client may send; docs/asyncapi.json is made from the same schemas. */
export const clientFrames = {
  auth: z.strictObject({ op: z.literal('auth'), id, token: z.string().min(1).max(8192) }),
  subscribe: z.strictObject({ op: z.literal('subscribe'), id, topic }),
  unsubscribe: z.strictObject({ op: z.literal('unsubscribe'), id, topic }),
  resume: z.strictObject({
    op: z.literal('resume'),
    id,
    epoch: z.string().min(1).max(64),
    offset: z.int().min(0),
    topics: z.array(topic).min(1),
  }),
  ping: z.strictObject({ op: z.literal('ping'), id }),
} as const;

const clientFrame = z.discriminatedUnion('op', [
  clientFrames.auth,
  clientFrames.subscribe,
  clientFrames.unsubscribe,
  clientFrames.resume,
  clientFrames.ping,
]);
export type ClientFrame = z.output<typeof clientFrame>;
export type FrameId = z.output<typeof id>;

const offset = z.int().min(0);

/** The frames the server sends. */
export const serverFrames = {
  hello: z.object({
    op: z.literal('hello'),
    connectionId: z.string(),
    heartbeatMs: z.int(),
    maxMessageBytes: z.int(),
    messagesPerSecond: z.int(),
  }),
  ready: z.object({
    op: z.literal('ready'),
    userId: z.string(),
    epoch: z.string(),
    offset,
    expiresAt: z.iso.datetime(),
  }),
  subscribed: z.object({ op: z.literal('subscribed'), id, topic, offset }),
  unsubscribed: z.object({ op: z.literal('unsubscribed'), id, topic }),
  resumed: z.object({ op: z.literal('resumed'), id, recovered: z.boolean(), offset }),
  event: z.object({
    op: z.literal('event'),
    topic,
    offset: offset.optional(),
    type: z.string(),
    data: z.unknown(),
    at: z.iso.datetime(),
  }),
  error: z.object({
    op: z.literal('error'),
    id,
    code: z.string(),
    message: z.string(),
    retryAfterMs: z.int().optional(),
  }),
  draining: z.object({ op: z.literal('draining'), reconnectAfterMs: z.int() }),
  pong: z.object({ op: z.literal('pong'), id }),
} as const;

type ServerFrames = typeof serverFrames;
export type ServerFrame = z.input<ServerFrames[Exclude<keyof ServerFrames, 'event'>]>;

/** Reads a frame of a client; what cannot be read is told, with the `id` if there was one. */
export function parseClientFrame(text: string): ClientFrame | { error: string; id: FrameId } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { error: 'The frame is not JSON.', id: undefined };
  }
  const result = clientFrame.safeParse(value, { error: messageOf });
  if (result.success) return result.data;
  const parsedId = id.safeParse((value as { id?: unknown } | null)?.id);
  return { error: explain(result.error.issues[0]), id: parsedId.data };
}

/** The field and what is wrong with it; an operation that is not known is one of these. */
function explain(issue: z.core.$ZodIssue | undefined): string {
  const { code, path = [], message = 'not valid' } = issue ?? {};
  if (code === 'invalid_union' && path.join() === 'op')
    return `op: expected one of ${Object.keys(clientFrames).join(', ')}`;
  const at = issue?.code === 'unrecognized_keys' ? [...path, issue.keys[0]] : path;
  return at.length > 0 ? `${at.join('.')}: ${message}` : `The frame is wrong: ${message}.`;
}
