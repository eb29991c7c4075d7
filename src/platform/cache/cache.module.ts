import { Global, Module } from '@nestjs/common';
import { Caches } from './caches.js';
import { HotKeys } from './hot-keys.js';

/** Caches in process memory and in Redis. */
@Global()
@Module({ providers: [Caches, HotKeys], exports: [Caches, HotKeys] })
export class CacheModule {}
