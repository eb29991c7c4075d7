import { Inject, Injectable } from '@nestjs/common';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { Breaker, type BreakerOptions } from './breaker.js';
import { chaosConfig, type ChaosConfig } from './chaos.config.js';
import { chaosOf } from './chaos.js';
import { Outbound, type OutboundBounds } from './outbound.js';
import { resilienceTelemetry } from './resilience.telemetry.js';
import { resilienceConfig, type ResilienceConfig } from './resilience.config.js';

/** Makes the breakers of this process and knows them all, a few names fixed in the code. */
@Injectable()
export class Breakers {
  private readonly all = new Map<string, Breaker>();

  constructor(
    @Inject(resilienceConfig.KEY) private readonly config: ResilienceConfig,
    @Inject(chaosConfig.KEY) private readonly chaos: ChaosConfig,
    lifecycle: Lifecycle,
  ) {
    lifecycle.onStop('bus', () => this.all.forEach((breaker) => breaker.stop()));
  }

  /** @param name of the dependency: label of the metrics, path of `/ops/breakers`, subject of the error */
  create(name: string, options: BreakerOptions): Breaker {
    if (this.all.has(name)) throw new Error(`there are two breakers called "${name}"`);
    const chaos = chaosOf(this.chaos, name, options.drop);
    if (chaos) resilienceTelemetry.chaos(name);
    const breaker = new Breaker(name, this.config, options, chaos);
    this.all.set(name, breaker);
    return breaker;
  }

  /** A breaker with bounds around it, for calls that leave the process. */
  outbound(name: string, options: BreakerOptions, bounds: OutboundBounds): Outbound {
    return new Outbound(this.create(name, options), bounds);
  }

  find(name: string): Breaker | undefined {
    return this.all.get(name);
  }

  list(): Breaker[] {
    return [...this.all.values()].sort((a, b) => a.name.localeCompare(b.name));
  }
}
