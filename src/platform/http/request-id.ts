import { v7 as uuidv7 } from 'uuid';

const wellFormed = /^[A-Za-z0-9._-]{1,64}$/;

/** The id of a request: the caller's `X-Request-Id` when it is well-formed, else a new one. */
export function requestIdFrom(asked: string | string[] | undefined): string {
  return typeof asked === 'string' && wellFormed.test(asked) ? asked : uuidv7();
}
