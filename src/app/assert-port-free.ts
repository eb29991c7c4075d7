import { createServer } from 'node:net';

/**
 * Fails at once, before a database is started for nothing, when the port cannot be had. The real
 * listener may still fail later: the port is free in between.
 *
 * @throws NodeJS.ErrnoException as `listen` gives it, e.g. EADDRINUSE
 */
export function assertPortFree(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}
