import { hash } from 'node:crypto';
import type { RedisClient } from './connect-redis.js';

/** A Lua script. Redis knows it by its hash once it has seen it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export function script(text: string): Script {
  return { text, sha: hash('sha1', text) };
}

/** Runs a script, and sends its text where Redis does not know it (any more, after a restart). */
export async function runScript(
  client: RedisClient,
  { text, sha }: Script,
  keys: string[],
  values: (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...values);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.eval(text, keys.length, ...keys, ...values);
  }
}
