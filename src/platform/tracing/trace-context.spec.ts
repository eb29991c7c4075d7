import { describe, expect, it } from '@jest/globals';
import { formatTraceParent, newTraceId, parseTraceParent } from './trace-context.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('traceparent', () => {
  it('is read and written', () => {
    const parent = { traceId, spanId, sampled: true };
    expect(parseTraceParent(`00-${traceId}-${spanId}-01`)).toEqual(parent);
    expect(parseTraceParent(formatTraceParent(parent))).toEqual(parent);
    expect(parseTraceParent(`00-${traceId}-${spanId}-00`)?.sampled).toBe(false);
    expect(parseTraceParent(`01-${traceId}-${spanId}-01-more`)?.traceId).toBe(traceId);
  });

  it.each([
    undefined,
    '',
    'nonsense',
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01-more`,
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
  ])('%s starts a new trace', (header) => {
    expect(parseTraceParent(header)).toBeUndefined();
  });

  it('has ids that do not repeat', () => {
    const ids = Array.from({ length: 1000 }, newTraceId);
    expect(new Set(ids).size).toBe(1000);
    expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  });
});
