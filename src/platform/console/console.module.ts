import { Module, type DynamicModule } from '@nestjs/common';
import { ConsoleController } from './console.controller.js';
import type { ConsoleConfig } from './console.config.js';
import { Recorder } from './recorder.js';
import { Streams } from './streams.js';

/** The console; where it is switched off there are no routes, and nothing is recorded. */
@Module({})
export class ConsoleModule {
  static create({ enabled }: ConsoleConfig): DynamicModule {
    if (!enabled) return { module: ConsoleModule };
    return {
      module: ConsoleModule,
      controllers: [ConsoleController],
      providers: [Recorder, Streams],
    };
  }
}
