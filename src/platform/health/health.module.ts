import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthController } from './health.controller.js';
import { HealthMonitor } from './health.monitor.js';
import { HealthRegistry } from './health.registry.js';

@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [HealthRegistry, HealthMonitor],
  exports: [HealthRegistry],
})
export class HealthModule {}
