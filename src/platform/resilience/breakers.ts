import { Inject, Injectable } from '@nestjs/common';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { Breaker, type BreakerOptions } from './breaker.js';
import { resilienceConfig, type ResilienceConfig } from './resilience.config.js';

/** Makes the breakers of this process and knows them all, a few names fixed in the code. */
@Injectable()
export class Breakers {
  private readonly all = new Map<string, Breaker>();

  constructor(
    @Inject(resilienceConfig.KEY) private readonly config: ResilienceConfig,
    lifecycle: Lifecycle,
  ) {
    lifecycle.onStop('bus', () => this.all.forEach((breaker) => breaker.stop()));
  }

  /** @param name of the dependency: label of the metrics, path of `/ops/breakers`, subject of the error */
  create(name: string, options: BreakerOptions): Breaker {
    if (this.all.has(name)) throw new Error(`there are two breakers called "${name}"`);
    const breaker = new Breaker(name, this.config, options);
    this.all.set(name, breaker);
    return breaker;
  }

  find(name: string): Breaker | undefined {
    return this.all.get(name);
  }

  list(): Breaker[] {
    return [...this.all.values()].sort((a, b) => a.name.localeCompare(b.name));
  }
}
