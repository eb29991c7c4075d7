import { Injectable } from '@nestjs/common';
import { loggerOf } from '../logging/logger.js';

const log = loggerOf('lifecycle');

/**
 * The order in which a process lets go; each phase ends before the next begins. Sockets are drained
 * with the requests, while nothing new is accepted.
 */
const phases = ['listeners', 'jobs', 'outbox', 'bus', 'database', 'redis'] as const;
export type Phase = (typeof phases)[number];

/** Where the process is in its life; health, sockets and the shutdown agree through it. */
@Injectable()
export class Lifecycle {
  private state: 'starting' | 'ready' | 'draining' = 'starting';
  private readonly steps: { phase: Phase; stop: () => Promise<void> | void }[] = [];

  get isDraining(): boolean {
    return this.state === 'draining';
  }

  get isReady(): boolean {
    return this.state === 'ready';
  }

  ready(): void {
    if (this.state === 'starting') this.state = 'ready';
  }

  /** From here on readiness fails. */
  drain(): void {
    this.state = 'draining';
  }

  /** Whatever runs by itself says here, when it starts, how it is stopped. */
  onStop(phase: Phase, stop: () => Promise<void> | void): void {
    this.steps.push({ phase, stop });
  }

  /** Stops everything, phase by phase; a step that fails is logged and holds up none of the others. */
  async stop(): Promise<void> {
    this.drain();
    for (const phase of phases) {
      const steps = this.steps.filter((step) => step.phase === phase);
      const results = await Promise.allSettled(steps.map(async (step) => step.stop()));
      for (const result of results) {
        if (result.status === 'rejected')
          log.error(
            { err: result.reason, event: 'stop_failed', phase },
            `stopping ${phase} failed`,
          );
      }
      log.debug({ event: 'phase_stopped', phase }, `${phase} stopped`);
    }
  }
}
