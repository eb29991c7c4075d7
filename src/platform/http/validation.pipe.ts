import { StandardSchemaValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { FieldError } from '../errors/app-error.js';
import { platformErrors } from '../errors/platform.errors.js';

const MAX_ERRORS = 50;

/** Checks bodies, queries and parameters against their route's schema; what is wrong is listed by field. */
export class ValidationPipe extends StandardSchemaValidationPipe {
  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const { schema, data, type } = metadata;
    if (!schema || type === 'custom') return value;
    const result = await this.validate<T>(value, schema);
    if (!result.issues) return result.value;
    // A schema that has a default for it allows a request without a body.
    if (type === 'body' && value === undefined)
      throw platformErrors.malformed_request({ detail: 'A JSON body is required.' });
    const prefix = data === undefined ? [] : [data];
    const errors = result.issues
      .slice(0, MAX_ERRORS)
      .flatMap((issue) => toFieldErrors(issue, prefix));
    throw platformErrors.validation_failed({ errors });
  }
}

/** zod's issues carry a code beside what Standard Schema demands. */
type Issue = StandardSchemaV1.Issue & { code?: string; keys?: string[] };

function toFieldErrors(issue: Issue, prefix: string[]): FieldError[] {
  const path = (issue.path ?? []).map((segment) =>
    String(typeof segment === 'object' ? segment.key : segment),
  );
  const at = [...prefix, ...path];
  if (issue.code === 'unrecognized_keys' && issue.keys) {
    return issue.keys.map((key) => ({
      path: [...at, key].join('.'),
      code: 'unknown_field',
      message: 'This field is not known.',
    }));
  }
  return [{ path: at.join('.'), code: issue.code ?? 'invalid', message: issue.message }];
}
