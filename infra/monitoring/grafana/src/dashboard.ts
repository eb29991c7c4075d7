import { deploys, restarts } from './annotations.ts';
import type { Panel, PanelJson } from './panel.ts';
import { variables } from './variables.ts';

/** A dashboard, as it is written in its file. */
export interface Dashboard {
  /** Part of its address and of its file's name; never changes. */
  uid: string;
  title: string;
  description: string;
  /** From left to right, as many to a row as fit; what matters first stands first. */
  panels: Panel[];
}

const COLUMNS = 24;
/** Of Grafana 12; Grafana 11 reads it too. */
const SCHEMA_VERSION = 41;

/** What Grafana provisions. Nothing in it depends on when it was made. */
export function toJson({ uid, title, description, panels }: Dashboard): object {
  const placed = place(panels);
  const routes = JSON.stringify(placed).includes('$route');
  return {
    id: null,
    uid,
    title,
    description,
    tags: ['mainstay'],
    editable: false, // it would be overwritten: change its source
    graphTooltip: 1, // the crosshair is in all panels
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    weekStart: '',
    fiscalYearStartMonth: 0,
    liveNow: false,
    preload: false,
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    annotations: { list: [deploys, restarts] },
    templating: { list: variables({ routes }) },
    links: [
      {
        type: 'dashboards',
        title: 'Mainstay',
        tags: ['mainstay'],
        asDropdown: false,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
        icon: 'external link',
        tooltip: '',
        url: '',
      },
    ],
    panels: placed,
  };
}

function place(panels: Panel[]): PanelJson[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map(({ width, height, json }, n) => {
    if (x + width > COLUMNS) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const gridPos = { x, y, w: width, h: height };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return { ...json, id: n + 1, gridPos };
  });
}
