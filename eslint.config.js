import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const browserGlobals = [
  ...['document', 'location', 'Node', 'fetch', 'EventSource', 'Event', 'matchMedia'],
  ...['setTimeout', 'clearTimeout', 'getComputedStyle', 'localStorage', 'ResizeObserver'],
  ...['addEventListener', 'history', 'URLSearchParams'],
];

/** Faults, not form: how code is laid out is prettier's business. */
export default defineConfig(
  // Fixtures break the rules on purpose.
  { ignores: ['dist', 'coverage', '.data', 'test/arch/fixtures'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    languageOptions: { globals: { process: 'readonly' } },
    extends: [js.configs.recommended],
    rules: {
      'array-callback-return': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-constructor-return': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-unreachable-loop': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.check.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Not in the presets.
      '@typescript-eslint/default-param-last': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error', // `import { type A }` loads the file
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/require-array-sort-compare': 'error', // numbers would be sorted as texts
      '@typescript-eslint/switch-exhaustiveness-check': 'error',

      // process.env['PORT'] says that nobody vouches for the name; process.env.PORT hides it.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      // `return this.close(…)` is how a function ends early here, and nobody uses its value.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Nest's modules are classes with nothing but a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // Some signatures are Nest's: what a handler does not need starts with an underscore.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      // Nest declares its options as classes and expects plain objects.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // It asks for `x!`, which no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Numbers print as one expects; undefined, objects and arrays do not.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    // The page of the console, those of links in mails, and what tests run in pages: as they are, in a browser.
    files: ['src/**/page/*.js', 'test/support/in-page/*.js'],
    languageOptions: {
      globals: Object.fromEntries(browserGlobals.map((name) => [name, 'readonly'])),
    },
    rules: {
      // What a caller wrote is text there, never markup.
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({
          property,
        })),
      ],
    },
  },
  {
    // A process says what it does in log records, which have levels, fields and redaction.
    files: ['src/**/*.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    // Tests and tools speak to the application from outside: its JSON has no type there, and where
    // it is not what they expect, their assertions say so better than a cast would.
    files: ['test/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts'],
    rules: {
      // What a callback changes while the test waits still counts as never changed for the compiler.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
