import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Housekeeping } from './housekeeping.js';
import { Jobs } from './jobs.js';
import { WORKS_JOBS } from './works-jobs.js';

/** Jobs: enqueued everywhere, worked where the role says so. */
@Global()
@Module({})
export class JobsModule {
  static create(works: boolean): DynamicModule {
    return {
      module: JobsModule,
      providers: [{ provide: WORKS_JOBS, useValue: works }, Jobs, Housekeeping],
      exports: [Jobs],
    };
  }
}
