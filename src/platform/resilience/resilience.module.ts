import { Global, Module } from '@nestjs/common';
import { Breakers } from './breakers.js';
import { BreakersController } from './breakers.controller.js';

/** Breakers around everything that this process calls. */
@Global()
@Module({ controllers: [BreakersController], providers: [Breakers], exports: [Breakers] })
export class ResilienceModule {}
