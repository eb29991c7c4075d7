import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { find, programs } from '../setup/install.ts';
import { eventually } from './client.js';
import { freePort, root } from './process.js';

/** The load balancer that `infra/haproxy` recommends, in front of three instances. */
export interface LoadBalancer {
  url: string;
  /** What it said: instances that went and came. */
  output(): string;
  stop(): Promise<void>;
}

/** @param ports of the instances, which need not run yet */
export async function startHaproxy(ports: [number, number, number]): Promise<LoadBalancer> {
  const program = find(programs.haproxy);
  if (program === undefined) throw new Error('this test needs haproxy, and there is none');
  const port = await freePort();
  const child = spawn(program, ['-db', '-f', join(root, 'infra/haproxy/haproxy.cfg')], {
    env: {
      MAINSTAY_BIND: `127.0.0.1:${port}`,
      MAINSTAY_1: `127.0.0.1:${ports[0]}`,
      MAINSTAY_2: `127.0.0.1:${ports[1]}`,
      MAINSTAY_3: `127.0.0.1:${ports[2]}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`haproxy ended: ${output}`);
    await fetch(url);
  });
  return {
    url,
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
