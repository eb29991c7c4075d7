import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { requestContext } from '../observability/request-context.js';
import { allows } from '../security/allows.js';
import type { Principal } from '../security/principal.js';
import { LimitStorage } from './limit-storage.js';
import { limitsConfig, type LimitsConfig } from './limits.config.js';
import { policiesOfCaller, windowOf } from './policies.js';

/** Every limit of a caller, as the API answers it. */
export const callersLimits = z
  .object({
    /** Whether nothing of this is applied: to who has `limits:bypass`, and to internal callers. */
    exempt: z.boolean(),
    items: z.array(
      z.object({
        policy: z.string(),
        limit: z.int(),
        windowSeconds: z.int(),
        /** What is left now; null for what is counted on each socket by itself. */
        remaining: z.int().nullable(),
        /** When the oldest request leaves the window; null when none is in it. */
        resetAt: z.iso.datetime().nullable(),
      }),
    ),
  })
  .meta({ id: 'CallersLimits' });
export type CallersLimits = z.output<typeof callersLimits>;
type CallersLimit = CallersLimits['items'][number];

/** Every limit that applies to a caller, with what remains. */
@Injectable()
export class LimitsOfCaller {
  constructor(
    private readonly storage: LimitStorage,
    @Inject(limitsConfig.KEY) private readonly config: LimitsConfig,
  ) {}

  /** @param ip the caller's address; what guards logins and sockets is counted for it */
  async execute(caller: Principal, ip: string): Promise<CallersLimits> {
    const exempt =
      !this.config.enabled ||
      requestContext()?.hasInternalKey === true ||
      allows(caller, 'limits:bypass');
    const counted = policiesOfCaller(caller, ip);
    const standings = await this.storage.look(counted.map((one) => windowOf(one, this.config)));
    const items = counted.map(({ policy }, index): CallersLimit => {
      const { windowSeconds } = this.config[policy];
      const { limit, remaining, resetMs } = standings[index] ?? {
        ...this.config[policy],
        remaining: this.config[policy].limit,
        resetMs: 0,
      };
      const resetAt = remaining < limit ? new Date(Date.now() + resetMs).toISOString() : null;
      return { policy, limit, windowSeconds, remaining, resetAt };
    });
    const { socket } = this.config;
    items.push({ policy: 'socket', ...socket, remaining: null, resetAt: null });
    return { exempt, items };
  }
}
