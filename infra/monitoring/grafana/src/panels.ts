import { panel, refId, type Panel, type Shown, type Unit } from './panel.ts';

const HALF = { width: 12, height: 8 };
const QUARTER = { width: 6, height: 4 };
const OVER_TIME = { range: true, instant: false, exemplar: false };
const AT_ONCE = { range: false, instant: true, exemplar: false };
const LAST = { calcs: ['lastNotNull'], fields: '', values: false };
const TOOLTIP = { mode: 'multi', sort: 'desc' };

/** Lines over time. Dots lead from a slow moment to the trace of a request in it, where the metric has `exemplars`. */
export function series(
  title: string,
  of: Shown & { exemplars?: boolean; stacked?: boolean },
): Panel {
  const { exemplars = false, stacked = false } = of;
  return panel('timeseries', title, of, {
    ...HALF,
    query: { ...OVER_TIME, exemplar: exemplars },
    defaults: {
      min: 0,
      custom: {
        lineWidth: 1,
        fillOpacity: stacked ? 40 : 8,
        showPoints: 'never',
        stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
        thresholdsStyle: { mode: of.limits ? 'dashed' : 'off' },
      },
    },
    options: {
      legend: {
        showLegend: true,
        displayMode: 'table',
        placement: 'bottom',
        calcs: ['lastNotNull', 'max'],
      },
      tooltip: TOOLTIP,
    },
  });
}

/**
 * One number; `whole` is counted over all of the time shown, anything else is the last value, with its
 * course. `tall` where it stands beside lines.
 */
export function stat(title: string, of: Shown & { whole?: boolean; tall?: boolean }): Panel {
  const { whole = false, tall = false, limits } = of;
  return panel('stat', title, of, {
    width: QUARTER.width,
    height: tall ? HALF.height : QUARTER.height,
    query: whole ? AT_ONCE : OVER_TIME,
    defaults: { color: { mode: 'thresholds' } },
    options: {
      reduceOptions: LAST,
      colorMode: limits ? 'background' : 'value',
      graphMode: whole ? 'none' : 'area',
      justifyMode: 'auto',
      orientation: 'auto',
      textMode: 'value',
      wideLayout: true,
    },
  });
}

/** The colour and the word for a value of `states`. */
export type States = Record<number, { text: string; color: string }>;

/** Of `health_check_up`. */
export const upOrDown: States = {
  0: { text: 'down', color: 'red' },
  1: { text: 'up', color: 'green' },
};

/** What state things were in, and when. */
export function states(title: string, of: Shown & { are: States }): Panel {
  return panel('state-timeline', title, of, {
    ...HALF,
    query: OVER_TIME,
    defaults: { mappings: [{ type: 'value', options: of.are }], custom: { fillOpacity: 70 } },
    options: {
      mergeValues: true,
      showValue: 'never',
      rowHeight: 0.8,
      legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
      tooltip: TOOLTIP,
    },
  });
}

/** The largest, as bars, over all of the time shown. */
export function bars(title: string, of: Shown): Panel {
  return panel('bargauge', title, of, {
    ...HALF,
    query: AT_ONCE,
    defaults: { min: 0, color: { mode: 'continuous-blues' } },
    options: {
      orientation: 'horizontal',
      displayMode: 'basic',
      valueMode: 'color',
      namePlacement: 'left',
      showUnfilled: true,
      sizing: 'auto',
      reduceOptions: LAST,
    },
  });
}

/** A row for each instance; what the queries have in common is one row. `columns` has the unit of each. */
export function table(title: string, of: Shown & { columns: Record<string, Unit> }): Panel {
  const names = Object.keys(of.shows).map((name, n) => [`Value #${refId(n)}`, name]);
  return panel('table', title, of, {
    ...HALF,
    query: { ...AT_ONCE, format: 'table' },
    defaults: {},
    overrides: Object.entries(of.columns).map(([name, unit]) => ({
      matcher: { id: 'byName', options: name },
      properties: [{ id: 'unit', value: unit }],
    })),
    options: { showHeader: true, cellHeight: 'sm' },
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true, __name__: true, job: true },
          renameByName: Object.fromEntries(names) as object,
        },
      },
    ],
  });
}
