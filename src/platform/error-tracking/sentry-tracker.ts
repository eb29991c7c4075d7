import { createTransport, type Transport } from '@sentry/core';
import { ServerRuntimeClient } from '@sentry/core/server';
import { commit, version } from '../config/version.js';
import { runOutsideContext } from '../observability/request-context.js';
import type { Breakers } from '../resilience/breakers.js';
import type { Outbound } from '../resilience/outbound.js';
import { eventOf } from './error-event.js';
import { ErrorTracker, type ErrorFacts } from './error-tracker.js';
import { errorReports } from './error-tracking.telemetry.js';
import type { ErrorTrackingConfig } from './error-tracking.config.js';
import { ReportLimit } from './report-limit.js';

/** Reports that wait for the receiver; more are lost. */
const QUEUE = 30;
/** Twice at most: for what is being made, and for what is being sent. */
const FLUSH_MS = 1000;

/**
 * Reports to a server that speaks Sentry's protocol. Of its library only the client and the envelope are
 * used: no instrumentation, no patches of anything global. A receiver that is down or hangs opens a
 * breaker, and costs nothing but the reports.
 */
export class SentryTracker extends ErrorTracker {
  private readonly client: ServerRuntimeClient;
  private readonly outbound: Outbound;
  private readonly limit = new ReportLimit();

  constructor(
    private readonly config: ErrorTrackingConfig & { dsn: string },
    private readonly role: string,
    breakers: Breakers,
  ) {
    super();
    this.outbound = breakers.outbound(
      'error_tracking',
      { isFailure: () => true, fallback: 'errors are in the log alone' },
      { timeoutMs: config.timeoutMs, concurrency: 2, queue: QUEUE },
    );
    this.client = new ServerRuntimeClient({
      dsn: config.dsn,
      environment: config.environment ?? process.env['NODE_ENV'] ?? 'development',
      release: `mainstay@${version}+${commit}`,
      integrations: [],
      stackParser: () => [],
      sendClientReports: false,
      traceLifecycle: 'static',
      transport: (options) => this.transport(options),
      transportOptions: { bufferSize: QUEUE },
    });
  }

  report(error: unknown, facts: ErrorFacts): void {
    try {
      if (Math.random() >= this.config.sampleRatio) return errorReports.inc({ result: 'sampled' });
      const event = eventOf(error, facts, this.role);
      // What ends the process comes once, and must not be lost behind a flood.
      const ends = facts.level === 'fatal';
      const held = ends ? 0 : this.limit.admit(event.fingerprint?.join('|') ?? '');
      if (held === undefined) return errorReports.inc({ result: 'held_back' });
      if (held > 0) event.extra = { held_back: held };
      // What is sent belongs to no request: neither its trace nor its end.
      runOutsideContext(() => this.client.captureEvent(event));
    } catch {
      errorReports.inc({ result: 'failed' }); // the error itself is in the log
    }
  }

  /** Sends what waits, for two seconds at most. */
  async flush(): Promise<void> {
    await this.client.flush(FLUSH_MS);
  }

  private transport(options: Parameters<typeof createTransport>[0] & { url: string }): Transport {
    return createTransport(options, async ({ body }) => {
      try {
        const answer = await this.outbound.run((signal) => post(options.url, body, signal));
        errorReports.inc({ result: 'sent' });
        return answer;
      } catch (error) {
        errorReports.inc({ result: 'failed' });
        throw error;
      }
    });
  }
}

type Answer = Awaited<ReturnType<Parameters<typeof createTransport>[1]>>;

/** @throws when the receiver does not work; that it refuses something is an answer */
async function post(url: string, body: string | Uint8Array, signal: AbortSignal): Promise<Answer> {
  const content = typeof body === 'string' ? body : Buffer.from(body);
  const response = await fetch(url, { method: 'POST', body: content, signal, redirect: 'error' });
  await response.body?.cancel();
  if (response.status >= 500) throw new Error(`the receiver answered ${response.status}`);
  return {
    statusCode: response.status,
    headers: {
      'x-sentry-rate-limits': response.headers.get('x-sentry-rate-limits'),
      'retry-after': response.headers.get('retry-after'),
    },
  };
}
