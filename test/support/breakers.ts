import { Lifecycle } from '../../src/platform/lifecycle/lifecycle.js';
import { Breakers } from '../../src/platform/resilience/breakers.js';
import { chaosConfig } from '../../src/platform/resilience/chaos.config.js';
import { resilienceConfig } from '../../src/platform/resilience/resilience.config.js';

/** The breakers of a process, as they are by default. */
export function makeBreakers(lifecycle = new Lifecycle()): Breakers {
  const config = resilienceConfig.schema.parse({});
  return new Breakers(config, chaosConfig.schema.parse({}), lifecycle);
}
