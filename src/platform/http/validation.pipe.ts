import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import type { FieldError } from '../errors/app-error.js';
import { platformErrors } from '../errors/platform.errors.js';
import { messageOf } from './validation-messages.js';

const MAX_ERRORS = 50;

/** Checks bodies, queries and parameters against their route's schema; what is wrong is listed by field. */
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, { schema, data, type }: ArgumentMetadata): unknown {
    if (!schema || type === 'custom') return value;
    const result = (schema as z.ZodType).safeParse(value, { error: messageOf });
    if (result.success) return result.data;
    // A schema that has a default for it allows a request without a body.
    if (type === 'body' && value === undefined)
      throw platformErrors.malformed_request({ detail: 'A JSON body is required.' });
    const prefix = data === undefined ? [] : [data];
    const errors = result.error.issues
      .slice(0, MAX_ERRORS)
      .flatMap((issue) => toFieldErrors(issue, prefix));
    throw platformErrors.validation_failed({ errors: eachOnce(errors) });
  }
}

function toFieldErrors(issue: z.core.$ZodIssue, prefix: string[]): FieldError[] {
  const { code, message } = issue;
  const at = [...prefix, ...issue.path.map(String)];
  if (code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...at, key].join('.'),
      code: 'unknown_field',
      message,
    }));
  return [{ path: at.join('.'), code: codeOf(code, message), message }];
}

/** The library's own codes say what is wrong, but for the one of rules that we have written. */
function codeOf(code: string, message: string): string {
  if (message === 'required') return message;
  return code === 'custom' ? 'not_valid' : code;
}

/** Of several rules that say the same of a field, the first. */
function eachOnce(errors: FieldError[]): FieldError[] {
  const isFirst = ({ path, code }: FieldError, at: number): boolean =>
    errors.findIndex((other) => other.path === path && other.code === code) === at;
  return errors.filter(isFirst);
}
