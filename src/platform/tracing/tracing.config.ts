import { z } from 'zod';
import { defineSection, type ConfigOf } from '../config/section.js';

/** How much is traced. The exporter itself is set by the OTEL_* names of OpenTelemetry. */
export const tracingConfig = defineSection('tracing', {
  sampleRatio: z.number().min(0).max(1).default(0.1).meta({
    env: 'OTEL_TRACES_SAMPLER_ARG',
    description:
      'Share of new traces that are recorded; the decision of a caller’s `traceparent` is kept.',
  }),
});
export type TracingConfig = ConfigOf<typeof tracingConfig>;
