import { Global, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { EarlyRefusals } from './early-refusals.js';
import { LimitStorage } from './limit-storage.js';
import { LimitsOfCaller } from './limits-of-caller.js';
import { RateLimitGuard } from './rate-limit.guard.js';

/** The storage stands alone so that @nestjs/throttler can be given the one that all others use. */
@Global()
@Module({ providers: [LimitStorage], exports: [LimitStorage] })
class LimitStorageModule {}

/** Limits by named policies, counted over all instances. */
@Global()
@Module({
  imports: [
    LimitStorageModule,
    ThrottlerModule.forRootAsync({
      imports: [LimitStorageModule],
      inject: [LimitStorage],
      useFactory: (storage: LimitStorage) => ({ throttlers: [], storage }),
    }),
  ],
  providers: [RateLimitGuard, EarlyRefusals, LimitsOfCaller],
  exports: [RateLimitGuard, EarlyRefusals, LimitsOfCaller],
})
export class ThrottlingModule {}
