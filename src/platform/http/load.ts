import type { IncomingMessage, ServerResponse } from 'node:http';
import { getHeapStatistics } from 'node:v8';
import { loggerOf } from '../logging/logger.js';
import type { OverloadConfig } from './overload.config.js';

const log = loggerOf('http');

/** Often enough to notice within a moment; a mean over a second lags behind and swings. */
const SAMPLE_MS = 100;
/** One late sample is a garbage collection or a page made for the first time, not an overload. */
const LATE_SAMPLES = 2;
/** Samples without a refusal after which the log says that it is over. */
const CALM_SAMPLES = 50;

/** Whether a response stands for a request that waits: undefined before, false after. */
const waits = Symbol('waits');
type Counted = ServerResponse & { [waits]?: boolean };

/** How busy this process is: requests that wait for their answer, the event loop, the heap. */
export class Load {
  private inFlight = 0;
  private lateSamples = 0;
  private heapIsFull = false;
  private refused = 0;
  private calmSamples = CALM_SAMPLES;
  private readonly onClose: (this: ServerResponse) => void;

  constructor(private readonly config: OverloadConfig) {
    const leave = (response: ServerResponse): void => this.leave(response);
    this.onClose = function () {
      leave(this);
    };
  }

  /** Whether the process has all the work that it can do in time. */
  get isOver(): boolean {
    return (
      this.config.enabled &&
      (this.inFlight >= this.config.maxInFlight ||
        this.lateSamples >= LATE_SAMPLES ||
        this.heapIsFull)
    );
  }

  /** Counts a request from now on; one with a body from the moment at which that has arrived. */
  enter(request: IncomingMessage, response: ServerResponse): void {
    const { headers } = request;
    // A body that nobody reads never ends: that of a GET is left where it is.
    const mayBring = request.method !== 'GET' && request.method !== 'HEAD';
    const hasBody =
      headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
    if (mayBring && hasBody) request.once('end', () => this.count(response));
    else this.count(response);
  }

  /** The answer is on its way: who reads it slowly keeps nobody out. */
  leave(response: Counted): void {
    if (response[waits] === true) this.inFlight--;
    response[waits] = false;
  }

  /** A request was refused for the load. */
  refuse(): void {
    this.refused++;
  }

  /** Samples event loop and heap. @returns what ends it */
  watch(): () => void {
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      this.sample(now - last - SAMPLE_MS, used / limit);
      last = now;
    }, SAMPLE_MS).unref();
    return () => clearInterval(timer);
  }

  /** Takes one sample: by how much the event loop was late, and the share of the heap in use. */
  sample(lateMs: number, heapShare: number): void {
    this.lateSamples = lateMs > this.config.maxEventLoopDelayMs ? this.lateSamples + 1 : 0;
    this.heapIsFull = heapShare > this.config.maxHeapShare;
    if (this.refused > 0) {
      if (this.calmSamples >= CALM_SAMPLES) {
        log.warn(
          { event: 'shedding_started', in_flight: this.inFlight, late_ms: Math.round(lateMs) },
          'overloaded: requests are refused',
        );
      }
      this.refused = 0;
      this.calmSamples = 0;
    } else if (++this.calmSamples === CALM_SAMPLES) {
      log.info({ event: 'shedding_ended' }, 'no longer overloaded');
    }
  }

  private count(response: Counted): void {
    if (response[waits] !== undefined) return; // answered before its body was here
    response[waits] = true;
    this.inFlight++;
    response.once('close', this.onClose);
  }
}
