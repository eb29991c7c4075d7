import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Database } from '../database/database.js';
import { Breakers } from '../resilience/breakers.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { HealthRegistry } from './health.registry.js';

/** Readiness must fail within ten seconds of a lost database, and come back as soon as it does. */
const EVERY_MS = 2000;

/** Keeps the registry up to date. */
@Injectable()
export class HealthMonitor implements OnApplicationBootstrap {
  constructor(
    private readonly registry: HealthRegistry,
    private readonly lifecycle: Lifecycle,
    private readonly breakers: Breakers,
    database: Database,
  ) {
    registry.register('database', () => database.ping(), true);
    for (const replica of database.replicas?.all ?? [])
      registry.register(replica.name, () => replica.check(), false);
  }

  async onApplicationBootstrap(): Promise<void> {
    // Whatever else this process calls shows by its breaker.
    for (const breaker of this.breakers.list()) {
      if (!this.registry.has(breaker.name))
        this.registry.register(breaker.name, () => breaker.check(), false);
    }
    await this.registry.lookAround();
    const timer = setInterval(() => void this.registry.lookAround(), EVERY_MS);
    this.lifecycle.onStop('bus', () => clearInterval(timer));
  }
}
