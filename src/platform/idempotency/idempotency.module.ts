import { Global, Module } from '@nestjs/common';
import { IdempotencyHook } from './idempotency.hook.js';

/** Takes part in every transaction of a request that carries an `Idempotency-Key`. */
@Global()
@Module({ providers: [IdempotencyHook] })
export class IdempotencyModule {}
