import { Global, Module, type DynamicModule } from '@nestjs/common';
import { ConfigModule as NestConfigModule, registerAs } from '@nestjs/config';
import type { Configuration } from './load-config.js';

/** Puts the checked sections into the container, each under its section's `KEY`. */
@Global()
@Module({})
export class ConfigModule {
  static of(configuration: Configuration): DynamicModule {
    return {
      module: ConfigModule,
      imports: [
        NestConfigModule.forRoot({
          isGlobal: true,
          ignoreEnvFile: true,
          skipProcessEnv: true,
          validatePredefined: false,
          load: Object.entries(configuration).map(([name, value]) => registerAs(name, () => value)),
        }),
      ],
    };
  }
}
