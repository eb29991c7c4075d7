import { z } from 'zod';
import { version } from '../../../platform/config/version.js';
import { clientFrames, serverFrames } from './frames.js';

/** The AsyncAPI document of `/ws`, made from the schemas that check the frames. */
export function describeSockets(): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Mainstay realtime',
      version,
      description: 'JSON text frames over one WebSocket. Every frame names its operation in `op`.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    channels: {
      socket: {
        address: '/ws',
        messages: { ...references('client', clientFrames), ...references('server', serverFrames) },
      },
    },
    operations: {
      receive: {
        action: 'receive',
        summary: 'What a client may send.',
        channel: { $ref: '#/channels/socket' },
        messages: Object.keys(clientFrames).map((op) => ({
          $ref: `#/channels/socket/messages/client.${op}`,
        })),
      },
      send: {
        action: 'send',
        summary: 'What the server sends.',
        channel: { $ref: '#/channels/socket' },
        messages: Object.keys(serverFrames).map((op) => ({
          $ref: `#/channels/socket/messages/server.${op}`,
        })),
      },
    },
    components: {
      messages: { ...messages('client', clientFrames), ...messages('server', serverFrames) },
    },
  };
}

type Frames = Record<string, z.ZodType>;

function references(side: string, frames: Frames): object {
  return Object.fromEntries(
    Object.keys(frames).map((op) => [
      `${side}.${op}`,
      { $ref: `#/components/messages/${side}.${op}` },
    ]),
  );
}

function messages(side: string, frames: Frames): object {
  return Object.fromEntries(
    Object.entries(frames).map(([op, schema]) => [
      `${side}.${op}`,
      {
        name: op,
        contentType: 'application/json',
        payload: z.toJSONSchema(schema, { target: 'draft-07' }),
      },
    ]),
  );
}
