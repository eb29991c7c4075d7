import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { find, type Wanted } from '../setup/install.ts';
import { eventually } from './client.js';

/** A program that serves HTTP, e.g. a Prometheus or an Alertmanager. */
export interface MonitoringServer {
  /** What it wrote. */
  output(): string;
  stop(): Promise<void>;
}

const START_MS = 20_000;

/** Starts it; @returns when its `ready` address answers. */
export async function startServer(
  wanted: Wanted,
  ready: string,
  args: string[],
): Promise<MonitoringServer> {
  const program = find(wanted);
  if (program === undefined) throw new Error(`this test needs ${wanted.program}: there is none`);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exited;
  };
  const answers = eventually(async () => {
    if (child.exitCode === null && !(await fetch(ready)).ok) throw new Error(output);
  }, START_MS);
  await Promise.race([answers, exited]).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  if (child.exitCode !== null) throw new Error(`${wanted.program} ended: ${output}`);
  return { output: () => output, stop };
}
