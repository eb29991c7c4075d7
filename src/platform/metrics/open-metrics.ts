import { register, Registry, type Metric, type OpenMetricsContentType } from 'prom-client';

const OPEN_METRICS = Registry.OPENMETRICS_CONTENT_TYPE;

/** Whether a reader asks for OpenMetrics, as Prometheus does: only that form carries exemplars. */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  return accept?.includes('application/openmetrics-text') ?? false;
}

/**
 * All metrics as OpenMetrics text. The client renders one form a registry, and renames the counters
 * of the registry it renders so: it is given views of them, and the metrics themselves stay as they are.
 */
export async function renderOpenMetrics(): Promise<{ contentType: string; text: string }> {
  const views = new Registry<OpenMetricsContentType>();
  views.setContentType(OPEN_METRICS);
  for (const metric of register.getMetricsAsArray())
    views.registerMetric(Object.create(metric) as Metric);
  return { contentType: OPEN_METRICS, text: await views.metrics() };
}
