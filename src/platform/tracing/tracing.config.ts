import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** How much is traced. The exporter itself is set by the OTEL_* names of OpenTelemetry. */
export const tracingConfig = defineSection('tracing', {
  sampleRatio: z.number().min(0).max(1).default(0.1).meta({
    env: 'OTEL_TRACES_SAMPLER_ARG',
    description:
      'Share of new traces that are recorded; the decision of a caller’s `traceparent` is kept.',
  }),
  slowMs: z.number().min(0).default(1000).meta({
    description:
      'Work that takes longer is recorded in the end though it was not sampled, as is work that fails.',
  }),
  maxKeptPerSecond: z.number().min(0).default(20).meta({
    description:
      'How many of those a process records in a second at most: in an outage everything fails.',
  }),
});
export type TracingConfig = ConfigOf<typeof tracingConfig>;
