import { Module } from '@nestjs/common';
import { LogLevelsController } from './log-levels.controller.js';
import { LogLevels } from './log-levels.js';

/** What operators may do with the log. The loggers themselves need no container: `loggerOf`. */
@Module({ controllers: [LogLevelsController], providers: [LogLevels] })
export class LoggingModule {}
