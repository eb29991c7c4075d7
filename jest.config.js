/** One project a kind of test; `npm run test:<kind>` runs one of them. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: {
            legacyDecorator: true,
            decoratorMetadata: true,
            useDefineForClassFields: false,
          },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data'],
  // @nestjs/throttler is CommonJS: Nest itself must have been loaded as ESM before it.
  setupFiles: ['<rootDir>/test/setup/load-nest-first.ts'],
};

const project = (displayName, testMatch, more = {}) => ({
  ...shared,
  displayName,
  testMatch,
  ...more,
});
const services = {
  globalSetup: '<rootDir>/test/setup/start-services.ts',
  globalTeardown: '<rootDir>/test/setup/stop-services.ts',
};
// These measure time, and put the machine under load.
const alone = {
  ...services,
  globalSetup: '<rootDir>/test/setup/start-fault-services.ts',
  runner: '<rootDir>/test/setup/one-at-a-time.js',
};

const monitoring = { globalSetup: '<rootDir>/test/setup/start-monitoring-services.ts' };
const underLoad = ['console', 'dashboards', 'drill'];

export default {
  // More than there are cores: most of what a test does is wait for processes that it has started.
  maxWorkers: 3,
  // Of hooks too. Only ends what hangs: whoever promises a time measures it.
  testTimeout: 120_000,
  projects: [
    project('unit', ['<rootDir>/src/**/*.spec.ts']),
    project('arch', ['<rootDir>/test/arch/*.spec.ts']),
    project('integration', ['<rootDir>/test/integration/**/*.spec.ts'], services),
    // The same suite twice: all roles in one process, and each in its own.
    project('e2e', ['<rootDir>/test/e2e/**/*.spec.ts'], {
      ...services,
      globals: { topology: 'single' },
    }),
    project('e2e-split', ['<rootDir>/test/e2e/**/*.spec.ts'], {
      ...services,
      globals: { topology: 'split' },
    }),
    project('lifecycle', ['<rootDir>/test/lifecycle/**/*.spec.ts'], services),
    project('faults', ['<rootDir>/test/faults/**/*.spec.ts'], alone),
    project('limits', ['<rootDir>/test/limits/**/*.spec.ts'], alone),
    // Alerts, dashboards and the console, against real Prometheus, Alertmanager and Chromium.
    project('monitoring', ['<rootDir>/test/monitoring/**/*.spec.ts'], {
      ...{ ...services, ...monitoring },
      testPathIgnorePatterns: [`/monitoring/(${underLoad.join('|')})\\.spec`],
    }),
    project(
      'monitoring-alone',
      underLoad.map((name) => `<rootDir>/test/monitoring/${name}.spec.ts`),
      { ...alone, ...monitoring },
    ),
  ],
};
