import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { dataDirectory } from '../config/data-directory.js';
import { Database } from '../database/database.js';
import { Jobs } from '../jobs/jobs.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { Bus } from '../messaging/bus.js';
import { Relay } from '../messaging/relay.js';
import type { Breaker } from '../resilience/breaker.js';
import { Breakers } from '../resilience/breakers.js';
import { configurationProbe } from './configuration-probe.js';
import { healthConfig, type HealthConfig } from './health.config.js';
import { HealthRegistry, illness } from './health.registry.js';
import { healthTelemetry } from './health.telemetry.js';
import { diskProbe, eventLoopProbe, memoryProbe } from './machine.js';

const AGAIN_MS = 1000;

/** Says what is looked at, and looks at it every `health.intervalSeconds`. */
@Injectable()
export class HealthMonitor implements OnApplicationBootstrap {
  constructor(
    private readonly registry: HealthRegistry,
    private readonly lifecycle: Lifecycle,
    private readonly breakers: Breakers,
    database: Database,
    bus: Bus,
    relay: Relay,
    jobs: Jobs,
    @Inject(healthConfig.KEY) private readonly config: HealthConfig,
  ) {
    registry.register('configuration', configurationProbe());
    registry.register('database', () => database.ping());
    for (const replica of database.replicas?.all ?? [])
      registry.register(replica.name, () => replica.check());
    registry.register('bus', () => bus.check());
    registry.register('outbox', () => this.judgeLag(relay.lagSeconds));
    registry.register('jobs', () => jobs.check());
    registry.register('event_loop', eventLoopProbe(config), 'informative');
    registry.register('memory', memoryProbe(config), 'informative');
    registry.register('disk', diskProbe('data', existing(dataDirectory()), config), 'informative');
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const breaker of this.breakers.list()) this.follow(breaker);
    const unknown = this.registry.unknown();
    if (unknown.length > 0) healthTelemetry.unknown(unknown);
    await this.registry.lookAround();
    const all = setInterval(
      () => void this.registry.lookAround(),
      this.config.intervalSeconds * 1000,
    );
    // What takes the process out of service is asked again soon, and not when its turn comes.
    const required = setInterval(() => void this.registry.lookAgain(), AGAIN_MS);
    this.lifecycle.onStop('bus', () => {
      clearInterval(all);
      clearInterval(required);
    });
  }

  /** A breaker sees a fault when it happens: its check need not wait for its turn. */
  private follow(breaker: Breaker): void {
    const { name } = breaker;
    // Whatever has no check of its own shows by its breaker.
    if (!this.registry.has(name)) this.registry.register(name, () => breaker.check());
    breaker.onOpened(() => void this.registry.look(name));
    breaker.onClosed(() => void this.registry.look(name));
  }

  private judgeLag(lagSeconds: number): Promise<Record<string, number>> {
    const values = { lagSeconds: Math.round(lagSeconds * 1000) / 1000 };
    return lagSeconds > this.config.outboxLagSeconds
      ? Promise.reject(illness('OUTBOX_LAG', values))
      : Promise.resolve(values);
  }
}

/** The folder, or what of its path exists: a volume is the same for both. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder));
}
