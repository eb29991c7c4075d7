/** One wrong field of a request: where it stands (`tags.0`), a stable code, a sentence. */
export interface FieldError {
  path: string;
  code: string;
  message: string;
}

/** An entry of the error catalogue: what the public page of a code says. */
export interface ErrorDefinition {
  /** HTTP status of the answer. */
  status: number;
  /** Short, stable, the same for every occurrence. */
  title: string;
  /** What the caller can do about it; shown on the error's page. */
  help: string;
}

/** What one occurrence of an error adds to its definition. */
export interface ErrorOptions {
  /** Safe for the caller: never a stack, SQL or a library's own text. */
  detail?: string;
  errors?: FieldError[];
  headers?: Record<string, string>;
  /** For the log only. */
  cause?: unknown;
}

/**
 * An error that the caller is meant to see. Anything else that is thrown becomes a 500 without
 * detail, and its own text goes to the log alone.
 */
export class AppError extends Error {
  constructor(
    readonly code: string,
    readonly definition: ErrorDefinition,
    readonly options: ErrorOptions = {},
  ) {
    super(options.detail ?? definition.title, { cause: options.cause });
    this.name = 'AppError';
  }

  get status(): number {
    return this.definition.status;
  }
}
