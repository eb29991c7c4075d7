import { Global, Module } from '@nestjs/common';
import { Caches } from './cache.js';

/** Bounded caches in process memory. */
@Global()
@Module({ providers: [Caches], exports: [Caches] })
export class CacheModule {}
