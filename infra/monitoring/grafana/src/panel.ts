import { none, type Limits } from './limits.ts';
import { runbookLink, type Section } from './runbook.ts';

/** Units of Grafana that the panels use. */
export type Unit =
  'short' | 'percentunit' | 's' | 'bytes' | 'reqps' | 'ops' | 'cpm' | 'dateTimeFromNow';

/** What every panel says. */
export interface Shown {
  /** What it means, and what to do when it looks wrong. */
  means: string;
  /** Where the steps are. */
  runbook: Section | Section[];
  unit: Unit;
  limits?: Limits;
  /** What each line is called (`{{label}}` is a label's value), and its PromQL. */
  shows: Record<string, string>;
}

/** A panel without its place, which the dashboard gives. */
export interface Panel {
  width: number;
  height: number;
  json: PanelJson;
}

/** A panel as Grafana knows it. */
export interface PanelJson {
  type: string;
  title: string;
  [key: string]: unknown;
}

/** What makes a kind of panel. */
interface Kind {
  width: number;
  height: number;
  query: { range: boolean; instant: boolean; exemplar: boolean; format?: 'table' };
  defaults: object;
  overrides?: object[];
  options: object;
  transformations?: object[];
}

/** Grafana's name of the nth query of a panel. */
export const refId = (n: number): string => String.fromCharCode('A'.charCodeAt(0) + n);

/** What all kinds of panels have in common; `panels.ts` has the kinds. */
export function panel(type: string, title: string, of: Shown, kind: Kind): Panel {
  const { width, height, query, defaults, overrides = [], options, transformations } = kind;
  const datasource = { type: 'prometheus', uid: '$' + '{datasource}' };
  const targets = Object.entries(of.shows).map(([legendFormat, expr], n) => ({
    refId: refId(n),
    datasource,
    editorMode: 'code',
    expr,
    legendFormat,
    ...query,
  }));
  const common = {
    unit: of.unit,
    thresholds: of.limits ?? none,
    color: { mode: 'palette-classic' },
    noValue: 'none',
  };
  const json: PanelJson = {
    type,
    title,
    description: of.means,
    datasource,
    links: [of.runbook].flat().map(runbookLink),
    fieldConfig: { defaults: { ...common, ...defaults }, overrides },
    options,
    ...(transformations && { transformations }),
    targets,
  };
  return { width, height, json };
}
