import { AppError } from './app-error.js';

/**
 * How loud to tell of an error of work that is tried again by itself: a dependency behind an open
 * breaker has been told of once, and the loops that wait for it need not repeat that every second.
 */
export function levelOf(error: unknown): 'debug' | 'warn' {
  return error instanceof AppError && error.code === 'dependency_unavailable' ? 'debug' : 'warn';
}
