import { execFile, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CONNECTIONS } from './connections.ts';
import type { Load, LoadResult, PreparedRequest } from './load.ts';

const execute = promisify(execFile);
const script = join(import.meta.dirname, 'replay.lua');

export function hasWrk(): boolean {
  return spawnSync('wrk', ['--version']).error === undefined;
}

/** Sends the prepared requests as they are: wrk formats nothing while the clock runs. */
export async function runWrk({ port, requests, seconds, folder }: Load): Promise<LoadResult> {
  const file = join(folder, 'requests');
  await writeFile(file, requests.map(framed).join(''));
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--timeout', '10s', '-s', script];
  const { stdout } = await execute('wrk', [...args, `http://127.0.0.1:${port}`, '--', file]);
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (line === undefined) throw new Error(`wrk gave no result:\n${stdout}`);
  return JSON.parse(line) as LoadResult;
}

/** The raw bytes of a request after their length, so that bodies may hold anything. */
function framed({ method, path, headers, body }: PreparedRequest): string {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1'];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  if (body !== undefined) lines.push(`content-length: ${Buffer.byteLength(body)}`);
  const raw = `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
  return `${Buffer.byteLength(raw)}\n${raw}\n`;
}
