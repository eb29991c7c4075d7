import { here } from './promql.ts';

const datasource = { type: 'prometheus', uid: '$' + '{datasource}' };

/** Grafana 11 reads an annotation's query at its root, later ones in its target. */
const annotation = (name: string, colour: string, expr: string, text: string, more: object) => ({
  name,
  datasource,
  enable: true,
  hide: false,
  iconColor: colour,
  expr,
  step: '15s',
  target: { refId: 'Anno', datasource, expr, interval: '15s', range: true, instant: false },
  titleFormat: name,
  textFormat: text,
  tagKeys: 'version,commit',
  ...more,
});

/** A version or commit that had not run for a quarter of an hour: not one that was only restarted. */
export const deploys = annotation(
  'Deploy',
  'blue',
  `count by (version, commit) (app_info{${here}}) unless count by (version, commit) (last_over_time(app_info{${here}}[15m] offset $__interval))`,
  'Version {{version}}, commit {{commit}} begins to run.',
  {},
);

/** The start of a process, at the moment it tells; those before the time shown are left out. */
export const restarts = annotation(
  'Restart',
  'orange',
  `(process_start_time_seconds{${here}} * 1000 > $__from) * on (job, instance) group_left (version, commit, role) app_info{${here}}`,
  '{{instance}} started: role {{role}}, version {{version}}, commit {{commit}}.',
  { useValueForTime: true },
);
