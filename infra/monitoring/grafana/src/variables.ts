import { RUNBOOK } from './runbook.ts';

const datasource = { type: 'prometheus', uid: '$' + '{datasource}' };

/** Values of a label; all of them until some are chosen. Read anew when the time changes. */
const labelValues = (name: string, label: string, query: string, allValue?: string) => ({
  type: 'query',
  name,
  label,
  datasource,
  definition: query,
  query: { query, refId: `Variable-${name}` },
  multi: true,
  includeAll: true,
  ...(allValue !== undefined && { allValue }),
  current: { text: ['All'], value: ['$__all'] },
  refresh: 2,
  regex: '',
  sort: 1,
  hide: 0,
  options: [],
});

/** What is chosen at the top of a dashboard. */
export const variables = ({ routes }: { routes: boolean }): object[] => [
  {
    type: 'datasource',
    name: 'datasource',
    label: 'Prometheus',
    query: 'prometheus',
    current: {},
    multi: false,
    includeAll: false,
    refresh: 1,
    regex: '',
    hide: 0,
    options: [],
  },
  // Not `.*`: other jobs of the same Prometheus are no instances of ours.
  labelValues('job', 'Deployment', 'label_values(app_info, job)'),
  labelValues('instance', 'Instance', 'label_values(app_info{job=~"$job"}, instance)', '.*'),
  ...(routes
    ? [
        labelValues(
          'route',
          'Route',
          'label_values(http_requests_total{job=~"$job",instance=~"$instance"}, route)',
          '.*',
        ),
      ]
    : []),
  {
    type: 'constant',
    name: 'runbook',
    label: 'Runbook',
    query: RUNBOOK,
    current: { text: RUNBOOK, value: RUNBOOK },
    hide: 2,
    skipUrlSync: true,
  },
];
