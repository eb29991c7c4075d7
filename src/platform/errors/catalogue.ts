import { AppError, type ErrorDefinition, type ErrorOptions } from './app-error.js';

const catalogue = new Map<string, ErrorDefinition>();

type Factories<T> = { [Code in keyof T]: (options?: ErrorOptions) => AppError };

/**
 * Declares a module's error codes in its `*.errors.ts`; the codes are stable, public and unique.
 *
 * @example throw authErrors.username_taken({ detail: 'The user name "ada" is taken.' })
 */
export function defineErrors<T extends Record<string, ErrorDefinition>>(
  definitions: T,
): Factories<T> {
  const factories: Partial<Factories<T>> = {};
  for (const [code, definition] of Object.entries(definitions)) {
    if (catalogue.has(code)) throw new Error(`error code "${code}" is declared twice`);
    catalogue.set(code, definition);
    factories[code as keyof T] = (options) => new AppError(code, definition, options);
  }
  return factories as Factories<T>;
}

/** Every declared code with its definition, sorted by code. */
export function declaredErrors(): [string, ErrorDefinition][] {
  return [...catalogue].sort(([a], [b]) => a.localeCompare(b));
}

export function findError(code: string): ErrorDefinition | undefined {
  return catalogue.get(code);
}
