import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Load } from './load.js';

const config = {
  enabled: true,
  maxInFlight: 2,
  maxEventLoopDelayMs: 250,
  maxHeapShare: 0.9,
};

const request = (headers: Record<string, string> = {}): IncomingMessage =>
  Object.assign(new EventEmitter(), { headers }) as unknown as IncomingMessage;
const response = (): ServerResponse => new EventEmitter() as unknown as ServerResponse;

describe('load', () => {
  it('is over while as many requests wait as may, and each leaves once', () => {
    const load = new Load(config);
    const [first, second] = [response(), response()];
    load.enter(request(), first);
    expect(load.isOver).toBe(false);
    load.enter(request(), second);
    expect(load.isOver).toBe(true);
    load.leave(first); // answered
    first.emit('close'); // and closed
    load.leave(first);
    expect(load.isOver).toBe(false);
    load.enter(request(), response());
    expect(load.isOver).toBe(true);
    second.emit('close'); // hung up
    expect(load.isOver).toBe(false);
  });

  it('counts a request with a body when that has arrived, unless it was answered before', () => {
    const load = new Load({ ...config, maxInFlight: 1 });
    const [chunked, sized] = [
      request({ 'transfer-encoding': 'chunked' }),
      request({ 'content-length': '9' }),
    ];
    const refused = response();
    load.enter(chunked, response());
    load.enter(sized, refused);
    expect(load.isOver).toBe(false);
    load.leave(refused);
    sized.emit('end');
    expect(load.isOver).toBe(false);
    chunked.emit('end');
    expect(load.isOver).toBe(true);
  });

  it('counts a GET at once, whatever it brings: nobody reads that', () => {
    const load = new Load({ ...config, maxInFlight: 1 });
    load.enter(Object.assign(request({ 'content-length': '9' }), { method: 'GET' }), response());
    expect(load.isOver).toBe(true);
  });

  it('is over while the event loop is late twice on end', () => {
    const load = new Load(config);
    load.sample(5000, 0);
    expect(load.isOver).toBe(false);
    load.sample(251, 0);
    expect(load.isOver).toBe(true);
    load.sample(250, 0);
    expect(load.isOver).toBe(false);
  });

  it('is over while the heap is full', () => {
    const load = new Load(config);
    load.sample(0, 0.91);
    expect(load.isOver).toBe(true);
    load.sample(0, 0.5);
    expect(load.isOver).toBe(false);
  });

  it('is never over when it is switched off', () => {
    const load = new Load({ ...config, enabled: false, maxInFlight: 1 });
    load.enter(request(), response());
    load.sample(5000, 1);
    load.sample(5000, 1);
    expect(load.isOver).toBe(false);
  });
});
