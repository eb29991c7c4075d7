import { newSpanId, newTraceId } from './trace-context.js';

interface Ids {
  traceId: string;
  spanId: string;
}

let preset: Ids | undefined;

/**
 * Runs `start`, which starts one span, so that the span gets these ids. Work has its ids before it is
 * known whether it will be recorded: they stand in its log records and in its answers.
 */
export function withIds<T>(ids: Ids, start: () => T): T {
  preset = ids;
  try {
    return start();
  } finally {
    preset = undefined;
  }
}

/** Gives spans the ids that are set for them, else random ones. */
export const presetIds = {
  generateTraceId: (): string => preset?.traceId ?? newTraceId(),
  generateSpanId: (): string => preset?.spanId ?? newSpanId(),
};
