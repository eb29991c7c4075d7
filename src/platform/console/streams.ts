import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { platformErrors } from '../errors/platform.errors.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { Recorder } from './recorder.js';
import type { Snapshot } from './snapshot.js';

/** Pages that may watch one process at the same time. */
const MOST = 8;

/** Server-sent events: the snapshot at once with its history, then one a second. */
@Injectable()
export class Streams {
  private readonly open = new Set<ServerResponse>();

  constructor(
    private readonly recorder: Recorder,
    lifecycle: Lifecycle,
  ) {
    // The server waits for its answers to end; these have no end of their own.
    lifecycle.onStop('listeners', () => this.open.forEach((response) => response.end()));
  }

  /** @throws AppError `overloaded` where as many are open as may be */
  assertRoom(): void {
    if (this.open.size < MOST) return;
    throw platformErrors.overloaded({
      detail: `There are ${MOST} consoles open at this process already.`,
      headers: { 'retry-after': '10' },
    });
  }

  /**
   * Writes to an answer until its reader hangs up or the process stops.
   *
   * @param until Unix seconds at which the token of the reader ends, and the stream with it
   */
  async feed(
    response: ServerResponse,
    headers: Record<string, string>,
    until?: number,
  ): Promise<void> {
    if (response.destroyed) return; // its end will not be told of any more
    this.open.add(response);
    const ends = until && setTimeout(() => response.end(), until * 1000 - Date.now());
    const ended = new Promise<void>((resolve) => response.once('close', resolve));
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no', // else nginx keeps them until it has a page full
    });
    response.write('retry: 1000\n\n');
    const send = (snapshot: Snapshot): void => {
      // Who reads slower than we write misses some; each one is whole.
      if (!response.writableNeedDrain) response.write(`data: ${JSON.stringify(snapshot)}\n\n`);
    };
    const stop = this.recorder.onSnapshot(send);
    try {
      send(await this.recorder.snapshot());
      await ended;
    } finally {
      stop();
      clearTimeout(ends);
      this.open.delete(response);
      response.end();
    }
  }
}
