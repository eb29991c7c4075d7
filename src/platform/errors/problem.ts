import type { AppError, FieldError } from './app-error.js';
import { requestContext } from '../observability/request-context.js';

/** The body of an error answer: RFC 9457, media type `application/problem+json`. */
export interface Problem {
  /** Path of the error's page. */
  type: string;
  title: string;
  status: number;
  detail: string;
  /** Path of the request. */
  instance: string;
  code: string;
  requestId: string;
  traceId?: string;
  errors?: FieldError[];
}

/** The problem document of one error, for the request in whose context it is called. */
export function toProblem(error: AppError, instance: string): Problem {
  const context = requestContext();
  return {
    type: `/errors/${error.code}`,
    title: error.definition.title,
    status: error.status,
    detail: error.options.detail ?? error.definition.help,
    instance,
    code: error.code,
    requestId: context?.requestId ?? '',
    ...(context && { traceId: context.traceId }),
    ...(error.options.errors && { errors: error.options.errors }),
  };
}
