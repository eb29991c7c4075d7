import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AppError } from '../errors/app-error.js';
import { platformErrors } from '../errors/platform.errors.js';
import { errorsTotal, httpRequestsTotal } from '../metrics/platform.telemetry.js';
import type { CorsHeaders } from './cors.js';
import type { Load } from './load.js';
import { shownPath } from '../security/secrets-in-url.js';
import { operationsPath } from './operations-path.js';
import { prepareProblem } from './raw-problem.js';
import { requestIdFrom } from './request-id.js';

const MAX_HEADER_LINES = 200;

/**
 * A target of another form (`*`, `http://host?x`) is nobody's path; the router would take its first
 * character for the slash.
 */
const absolute = /^https?:\/\/[^/?#]+(?:\/|$)/i;

/** Why a request is not let in. Made once: an error with its stack costs more than the rest. */
const refusal = (error: AppError, more: { closes?: true; route?: string } = {}) => ({
  error,
  /** Whether what follows on the connection may not be what it seems. */
  closes: false,
  /** What it is counted as. */
  route: 'refused',
  ...more,
  problem: prepareProblem(error),
});
type Refusal = ReturnType<typeof refusal>;

const malformed = refusal(platformErrors.malformed_request(), { closes: true });
const tooManyHeaders = refusal(platformErrors.headers_too_large(), { closes: true });
const tooLong = refusal(platformErrors.uri_too_long());
const notFound = refusal(platformErrors.not_found());
const overloaded = refusal(platformErrors.overloaded({ headers: { 'retry-after': '1' } }), {
  route: 'shed',
});

/**
 * Stands in front of Fastify and sees the request line and the header lines, nothing else. What is
 * refused here costs 23 µs, 18 of them Node's and the kernel's; in a hook it costs 78 (docs/adr/0012).
 */
export class Gate {
  constructor(
    private readonly load: Load,
    private readonly maxUrlLength: number,
    private readonly corsHeaders: CorsHeaders,
    private readonly isDraining: () => boolean,
  ) {}

  /** The handler with the gate before it. */
  before(handler: RequestListener): RequestListener {
    return (request, response) => {
      const refused = this.judge(request);
      if (refused) return this.refuse(request, response, refused);
      // Whoever looks after the process must reach it, above all when it has too much to do.
      if (!operationsPath.test(request.url ?? '')) this.load.enter(request, response);
      handler(request, response);
    };
  }

  /** Why a request is not let in, or undefined. */
  judge(request: IncomingMessage): Refusal | undefined {
    const { rawHeaders, url = '' } = request;
    if (rawHeaders.length > 2 * MAX_HEADER_LINES) return tooManyHeaders;
    if (!isUnambiguous(request)) return malformed;
    if (url.length > this.maxUrlLength) return tooLong;
    if (!url.startsWith('/') && !absolute.test(url)) return notFound;
    return this.load.isOver && !operationsPath.test(url) ? overloaded : undefined;
  }

  private refuse(request: IncomingMessage, response: ServerResponse, refused: Refusal): void {
    const { method = '', url = '/', rawHeaders } = request;
    const { error, closes, route } = refused;
    const id = requestIdFrom(valueOf(rawHeaders, 'x-request-id'));
    const { text, headers } = refused.problem(shownPath(url), id);
    headers.push(...this.corsHeaders(valueOf(rawHeaders, 'origin')));
    if (closes || this.isDraining()) headers.push('connection', 'close');
    response.writeHead(error.status, headers).end(text);
    if (refused === overloaded) this.load.refuse();
    errorsTotal.inc({ code: error.code });
    httpRequestsTotal.inc({ method, route, status: error.status });
  }
}

/**
 * Whether everyone who reads the request sees the same one: exactly one Host, where Node takes the
 * first of several; and no transfer coding but chunked, where Node hands on the request first and
 * finds out afterwards that it cannot tell where the body ends.
 */
function isUnambiguous({ rawHeaders, httpVersionMinor }: IncomingMessage): boolean {
  let hosts = 0;
  let codings = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
    else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      if (rawHeaders[i + 1]?.toLowerCase() !== 'chunked' || httpVersionMinor === 0) return false;
      codings++;
    }
  }
  return codings <= 1 && (hosts === 1 || (hosts === 0 && httpVersionMinor === 0));
}

/** The value of a header, without making an object of all of them. */
function valueOf(rawHeaders: string[], wanted: string): string | undefined {
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.length === wanted.length && name.toLowerCase() === wanted) return rawHeaders[i + 1];
  }
  return undefined;
}
