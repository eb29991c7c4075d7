import { defineErrors } from './catalogue.js';

/** The errors that any route can answer. */
export const platformErrors = defineErrors({
  malformed_request: {
    status: 400,
    title: 'The request cannot be read',
    help: 'Send a well-formed HTTP request with a JSON body in UTF-8.',
  },
  validation_failed: {
    status: 400,
    title: 'The request is not valid',
    help: 'Correct the fields listed under `errors` and send the request again.',
  },
  invalid_cursor: {
    status: 400,
    title: 'The cursor is not valid',
    help: 'Use the `nextCursor` of an earlier answer of the same list unchanged, or leave it out.',
  },
  unauthenticated: {
    status: 401,
    title: 'Authentication is required',
    help: 'Send `Authorization: Bearer` with an access token; POST /api/v1/auth/login gives one.',
  },
  invalid_token: {
    status: 401,
    title: 'The access token is not accepted',
    help: 'The token is malformed, expired or revoked. Refresh the session or log in again.',
  },
  invalid_internal_key: {
    status: 401,
    title: 'The internal key is not accepted',
    help: 'Send one of the keys of this instance in `X-Internal-Key`, or leave the header out.',
  },
  forbidden: {
    status: 403,
    title: 'This is not allowed',
    help: 'The account lacks the permission that the route asks for.',
  },
  csrf_refused: {
    status: 403,
    title: 'The request may be forged',
    help: 'With a session cookie send `X-CSRF-Token` (GET /api/v1/auth/csrf gives it) from a page whose origin is listed in `http.corsOrigins` (CORS_ORIGINS); or send a token in `Authorization` and no cookie.',
  },
  not_found: {
    status: 404,
    title: 'There is nothing here',
    help: 'Check the path and the id. What is private to others is answered the same way.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The method is not allowed here',
    help: 'The `Allow` header lists the methods that the path takes.',
  },
  request_timeout: {
    status: 408,
    title: 'The request took too long to arrive',
    help: 'Send the headers and the body without long pauses.',
  },
  conflict: {
    status: 409,
    title: 'The request conflicts with the present state',
    help: 'Read the resource again, then decide.',
  },
  idempotency_in_flight: {
    status: 409,
    title: 'A request with this idempotency key is still running',
    help: 'Wait for it, or repeat the request a little later with the same key.',
  },
  stale_resource: {
    status: 412,
    title: 'The resource has changed since it was read',
    help: 'Read it again and repeat the change with the new `ETag` in `If-Match`.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    help: 'A JSON body holds at most 150 kB.',
  },
  uri_too_long: {
    status: 414,
    title: 'The address is too long',
    help: 'Move long values out of the query string.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'The content type is not supported',
    help: 'Send JSON with `Content-Type: application/json`.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key was used for another request',
    help: 'Make a new key for every new request; repeat a key only with the same body.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    help: 'Wait for `Retry-After` seconds; back off exponentially with jitter.',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    help: 'Send at most 16 KB and 200 lines of headers.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong on our side',
    help: 'Report the `requestId`; the log has the reason under it.',
  },
  overloaded: {
    status: 503,
    title: 'The service is busy',
    help: 'Repeat the request after `Retry-After` seconds, with backoff and jitter.',
  },
  dependency_unavailable: {
    status: 503,
    title: 'Something that the request needs is down',
    help: 'Repeat the request after `Retry-After` seconds; /readyz tells when all is well again.',
  },
});
