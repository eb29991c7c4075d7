import { Global, Module } from '@nestjs/common';
import { Flags } from './flags.js';
import { FlagsController } from './flags.controller.js';
import { ReloadFlags } from './reload-flags.js';

/** Feature flags: declared in code, set in the configuration, changed while running. */
@Global()
@Module({
  controllers: [FlagsController],
  providers: [Flags, ReloadFlags],
  exports: [Flags],
})
export class FlagsModule {}
