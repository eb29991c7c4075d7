import { z } from 'zod';

/**
 * What our dashboards may consist of: what Grafana 11 and 12 read, and nothing else, so that a key that
 * is spelt wrong fails here instead of being passed over there.
 */
const text = z.string().min(1);
const datasource = z.strictObject({
  type: z.literal('prometheus'),
  uid: z.literal('$' + '{datasource}'),
});

const target = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource,
  editorMode: z.literal('code'),
  expr: text,
  legendFormat: text,
  range: z.boolean(),
  instant: z.boolean(),
  exemplar: z.boolean(),
  format: z.literal('table').optional(),
});

const thresholds = z.strictObject({
  mode: z.literal('absolute'),
  // The first one is the base, and Grafana wants the others in order.
  steps: z
    .array(z.strictObject({ color: text, value: z.number().nullable() }))
    .min(1)
    .refine((steps) =>
      steps.every(({ value }, n) =>
        n === 0 ? value === null : (value ?? -Infinity) > (steps[n - 1]?.value ?? -Infinity),
      ),
    ),
});

const fieldConfig = z.strictObject({
  defaults: z.strictObject({
    unit: text,
    min: z.number().optional(),
    noValue: text,
    thresholds,
    color: z.strictObject({ mode: text }),
    mappings: z
      .array(
        z.strictObject({
          type: z.literal('value'),
          options: z.record(z.string(), z.strictObject({ text, color: text })),
        }),
      )
      .optional(),
    custom: z.record(z.string(), z.unknown()).optional(),
  }),
  overrides: z.array(
    z.strictObject({
      matcher: z.strictObject({ id: z.literal('byName'), options: text }),
      properties: z.array(z.strictObject({ id: z.literal('unit'), value: text })),
    }),
  ),
});

const panel = z.strictObject({
  id: z.int().positive(),
  type: z.enum(['timeseries', 'stat', 'state-timeline', 'bargauge', 'table']),
  title: text,
  description: z.string().min(30),
  datasource,
  gridPos: z.strictObject({
    x: z.int().min(0),
    y: z.int().min(0),
    w: z.int().positive(),
    h: z.int().positive(),
  }),
  links: z
    .array(
      z.strictObject({
        title: text,
        url: z.string().regex(/^\$\{runbook:raw\}#[a-z]+$/),
        targetBlank: z.literal(true),
      }),
    )
    .min(1),
  fieldConfig,
  options: z.record(z.string(), z.unknown()),
  transformations: z
    .array(
      z.strictObject({
        id: z.enum(['merge', 'organize']),
        options: z.record(z.string(), z.unknown()),
      }),
    )
    .optional(),
  targets: z.array(target).min(1),
});
export type Panel = z.infer<typeof panel>;

const annotation = z.strictObject({
  name: text,
  datasource,
  enable: z.literal(true),
  hide: z.literal(false),
  iconColor: text,
  expr: text,
  step: text,
  target: z.strictObject({
    refId: text,
    datasource,
    expr: text,
    interval: text,
    range: z.literal(true),
    instant: z.literal(false),
  }),
  titleFormat: text,
  textFormat: text,
  tagKeys: text,
  useValueForTime: z.boolean().optional(),
});

const queryVariable = z.strictObject({
  type: z.literal('query'),
  name: text,
  label: text,
  datasource,
  definition: text,
  query: z.strictObject({ query: text, refId: text }),
  multi: z.literal(true),
  includeAll: z.literal(true),
  allValue: text.optional(),
  current: z.strictObject({
    text: z.tuple([z.literal('All')]),
    value: z.tuple([z.literal('$__all')]),
  }),
  refresh: z.literal(2),
  regex: z.literal(''),
  sort: z.literal(1),
  hide: z.literal(0),
  options: z.array(z.never()),
});
export type QueryVariable = z.infer<typeof queryVariable>;

const constantVariable = z.strictObject({
  type: z.literal('constant'),
  name: text,
  label: text,
  query: z.url(),
  current: z.strictObject({ text: z.url(), value: z.url() }),
  hide: z.literal(2),
  skipUrlSync: z.literal(true),
});

const datasourceVariable = z.strictObject({
  type: z.literal('datasource'),
  name: z.literal('datasource'),
  label: text,
  query: z.literal('prometheus'),
  current: z.strictObject({}),
  multi: z.literal(false),
  includeAll: z.literal(false),
  refresh: z.literal(1),
  regex: z.literal(''),
  hide: z.literal(0),
  options: z.array(z.never()),
});

export const dashboardSchema = z.strictObject({
  id: z.null(),
  uid: z.string().regex(/^mainstay-[a-z-]{1,30}$/),
  title: text,
  description: text,
  tags: z.array(text).min(1),
  editable: z.literal(false),
  graphTooltip: z.literal(1),
  refresh: text,
  time: z.strictObject({ from: text, to: text }),
  timezone: z.literal('browser'),
  weekStart: z.literal(''),
  fiscalYearStartMonth: z.literal(0),
  liveNow: z.literal(false),
  preload: z.literal(false),
  schemaVersion: z.literal(41),
  version: z.literal(1),
  annotations: z.strictObject({ list: z.array(annotation) }),
  templating: z.strictObject({
    list: z.array(
      z.discriminatedUnion('type', [queryVariable, constantVariable, datasourceVariable]),
    ),
  }),
  links: z.array(z.record(z.string(), z.unknown())),
  panels: z.array(panel).min(4).max(14),
});
export type Dashboard = z.infer<typeof dashboardSchema>;
