import { Global, Module } from '@nestjs/common';
import { ThrottlerModule } from '@nestjs/throttler';
import { RateLimitGuard } from './rate-limit.guard.js';
import { SlidingWindowStorage } from './sliding-window.storage.js';

/** Limits by named policies; the windows of this first version are those of one process. */
@Global()
@Module({
  imports: [ThrottlerModule.forRoot({ throttlers: [], storage: new SlidingWindowStorage() })],
  providers: [RateLimitGuard],
  exports: [RateLimitGuard],
})
export class ThrottlingModule {}
