import type { Dashboard } from './dashboard.ts';
import { above, below } from './limits.ts';
import { series, stat, table } from './panels.ts';
import { here, quantile, rate } from './promql.ts';

/** A metric of the chosen instances. */
const at = (metric: string): string => `${metric}{${here}}`;
const diskFree = `${at('disk_free_bytes')} / (${at('disk_size_bytes')} > 0)`;
/** What takes no writes is always full, and what is in memory is no disk. */
const DISKS = 'fstype!~"tmpfs|ramfs|squashfs|iso9660|overlay"';

/** What the processes stand on: use, saturation and errors of CPU, memory, disk, files, jobs. */
export const infrastructure: Dashboard = {
  uid: 'mainstay-infrastructure',
  title: 'Infrastructure',
  description: 'What the processes use, and what runs full. The top row shows the worst instance.',
  panels: [
    stat('CPU', {
      means:
        'Of one core, the busiest instance; JavaScript has no more than one. Over 90 % requests queue: add instances.',
      runbook: 'HighLatency',
      unit: 'percentunit',
      limits: above(0.7, 0.9),
      shows: { busiest: `max(${rate(at('process_cpu_seconds_total'))})` },
    }),
    stat('Memory of its limit', {
      means:
        'Resident memory as a share of its limit, the fullest instance. Over 80 % for 15 minutes somebody is called: at 100 % the process is killed.',
      runbook: 'HighMemory',
      unit: 'percentunit',
      limits: above(0.7, 0.8),
      shows: {
        fullest: `max(${at('process_resident_memory_bytes')} / (${at('memory_limit_bytes')} > 0))`,
      },
    }),
    stat('Disk, free', {
      means:
        'On the fullest volume of the application; the disks of the database’s hosts are below. Under 20 % for 30 minutes there is an alert: delete or enlarge before it is full.',
      runbook: 'LowDiskSpace',
      unit: 'percentunit',
      limits: below(0.3, 0.2),
      shows: { fullest: `min(${diskFree})` },
    }),
    stat('Event loop delay, p99', {
      means:
        'How late the process gets to what is due, about 10 ms when idle. From 250 ms on it refuses requests (503 overloaded): something computes for too long, or CPU is short.',
      runbook: 'HighLatency',
      unit: 's',
      limits: above(0.05, 0.25),
      shows: { worst: `max(${at('nodejs_eventloop_lag_p99_seconds')})` },
    }),
    series('CPU and garbage collection', {
      means:
        'Shares of one core. Collection over 10 % goes with memory that is short: see “Memory” for a heap that only grows.',
      runbook: 'HighLatency',
      unit: 'percentunit',
      limits: above(0.7, 0.9),
      shows: {
        '{{instance}}': `sum by (instance) (${rate(at('process_cpu_seconds_total'))})`,
        '{{instance}} collection': `sum by (instance) (${rate(at('nodejs_gc_duration_seconds_sum'))})`,
      },
    }),
    series('Memory', {
      means:
        'Resident: what the system counts against the limit. Heap: what JavaScript holds. Both grow for hours: a leak, restart the instance and keep a heap profile. Resident alone: buffers.',
      runbook: 'HighMemory',
      unit: 'bytes',
      shows: {
        '{{instance}} resident': `sum by (instance) (${at('process_resident_memory_bytes')})`,
        '{{instance}} heap': `sum by (instance) (${at('nodejs_heap_size_used_bytes')})`,
        '{{instance}} limit': `sum by (instance) (${at('memory_limit_bytes')})`,
      },
    }),
    series('Event loop delay', {
      means:
        'p50 up: the process is busy throughout. p99 alone up: single long computations; the profile of `npm run bench` shows which.',
      runbook: 'HighLatency',
      unit: 's',
      limits: above(0.05, 0.25),
      shows: {
        '{{instance}} p50': `max by (instance) (${at('nodejs_eventloop_lag_p50_seconds')})`,
        '{{instance}} p99': `max by (instance) (${at('nodejs_eventloop_lag_p99_seconds')})`,
      },
    }),
    series('Disk, free by volume', {
      means:
        'What is left on the application’s volumes, and on hosts with a node exporter. A straight line down tells when it ends; a cliff is a copy, a backup or a log level. A full disk of the database ends all writes.',
      runbook: 'LowDiskSpace',
      unit: 'percentunit',
      shows: {
        '{{volume}}': `min by (volume) (${diskFree})`,
        'host {{instance}} {{mountpoint}}': `min by (instance, mountpoint) (node_filesystem_avail_bytes{${DISKS}} / (node_filesystem_size_bytes{${DISKS}} > 0))`,
      },
    }),
    series('Open files', {
      means:
        'Sockets and files as a share of what the process may open. At 100 % it takes no connections: raise `ulimit -n`, or find who does not close.',
      runbook: 'ServiceDown',
      unit: 'percentunit',
      limits: above(0.7, 0.9),
      shows: {
        '{{instance}}': `max by (instance) (${at('process_open_fds')} / ${at('process_max_fds')})`,
      },
    }),
    series('Health checks, latency', {
      means:
        'How long each dependency takes to answer a check, from the slowest instance. It rises before a breaker opens.',
      runbook: 'BreakerOpen',
      unit: 's',
      shows: { '{{check}}': `max by (check) (${at('health_check_latency_seconds')})` },
    }),
    series('Jobs waiting', {
      means:
        'By queue. `dead-letters` above 0: a job was given up after all its attempts; read it and decide. A queue that grows: no worker runs, or what it needs is down.',
      runbook: 'DeadLetterJobs',
      unit: 'short',
      shows: { '{{queue}}': `max by (queue) (${at('job_queue_depth')})` },
    }),
    series('Jobs done', {
      means:
        'Attempts by queue and result. `failed` ones are tried again with growing pauses; the log event job_failed has the reason.',
      runbook: 'DeadLetterJobs',
      unit: 'ops',
      shows: { '{{queue}} {{result}}': `sum by (queue, result) (${rate(at('jobs_total'))})` },
    }),
    series('Jobs, duration p95', {
      means:
        'Of one attempt. What takes 60 s (`jobs.expireSeconds`), or 900 s where it works in batches, is given up and begun anew.',
      runbook: 'DeadLetterJobs',
      unit: 's',
      shows: { '{{queue}}': quantile(0.95, 'job_duration_seconds', { by: 'queue' }) },
    }),
    table('What runs', {
      means:
        'Every instance with its role and version. Two versions at once: a deploy is under way, or stuck. A young process that nobody deployed: it crashed, see its log. Log records lost: nothing took them in time; its disk is full, or the reader of its output too slow.',
      runbook: 'ServiceDown',
      unit: 'short',
      columns: { started: 'dateTimeFromNow', 'migrations took': 's', 'log records lost': 'short' },
      shows: {
        started: `${at('process_start_time_seconds')} * 1000 * on (job, instance) group_left (role, version, commit) ${at('app_info')}`,
        'migrations took': at('migration_duration_seconds'),
        'log records lost': `increase(${at('log_records_dropped_total')}[1h])`,
      },
    }),
  ],
};
