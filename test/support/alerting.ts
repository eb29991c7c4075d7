import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { startAlertmanager, type Alertmanager } from './alertmanager.js';
import { eventually } from './client.js';
import { startExporter } from './exporter.js';
import { freePort, root } from './process.js';
import { startPrometheus, type Prometheus } from './prometheus.js';
import { secrets, startReceivers, type Message, type Receivers } from './receivers.js';
import { scaleTime } from './scale-time.js';

const shipped = join(root, 'infra/monitoring');

/** Prometheus and Alertmanager as `infra/monitoring` ships them, on a faster clock, and who they tell. */
export interface Alerting {
  prometheus: Prometheus;
  alertmanager: Alertmanager;
  /** All that anybody was told. */
  messages: Message[];
  /** Other processes of the application than before. */
  retarget(instances: string[]): Promise<void>;
  stop(): Promise<void>;
}

/** @param instances of the application, host and port */
export async function startAlerting(options: {
  instances: string[];
  times: number;
}): Promise<Alerting> {
  const { times } = options;
  const folder = mkdtempSync(join(tmpdir(), 'mainstay-alerting-'));
  const receivers = await startReceivers();
  const healthy = await startExporter(wellElsewhere);
  const port = await freePort();
  const config = join(folder, 'prometheus.yml');
  const configure = (instances: string[]): void => {
    const yaml = readFileSync(join(shipped, 'prometheus/prometheus.yml'), 'utf8')
      .replace("'127.0.0.1:3000'", instances.map((instance) => `'${instance}'`).join(', '))
      .replace('127.0.0.1:9093', `127.0.0.1:${port}`)
      .replaceAll(/127\.0\.0\.1:(9100|9115|9187)/g, healthy.target);
    writeFileSync(config, scaleTime(yaml, times));
  };
  configure(options.instances);
  cpSync(join(shipped, 'prometheus/rules'), join(folder, 'rules'), { recursive: true });
  for (const name of ['recording', 'alerts']) {
    const file = join(folder, `rules/${name}.yml`);
    writeFileSync(file, scaleTime(readFileSync(file, 'utf8'), times));
  }
  const prometheus = await startPrometheus({
    config,
    folder,
    args: ['--web.enable-lifecycle', '--rules.alert.resend-delay=1s'],
  });
  // The discovery takes its five seconds, which are minutes here: until then nobody is told.
  await eventually(async () => {
    const up = await prometheus.query('count(up{job="mainstay"} == 1)');
    expect(up).toMatchObject([{ value: options.instances.length }]);
    const alerts = await prometheus.alerts();
    expect(alerts.filter(({ state }) => state === 'firing')).toEqual([]);
  }, 60_000);
  const alertmanager = await startShippedAlertmanager({ receivers, folder, times, port });
  return {
    prometheus,
    alertmanager,
    messages: receivers.messages,
    retarget: async (instances) => {
      configure(instances);
      const answer = await fetch(`${prometheus.url}/-/reload`, { method: 'POST' });
      if (!answer.ok) throw new Error(`Prometheus did not reload: ${await answer.text()}`);
    },
    stop: async () => {
      await prometheus.stop();
      await alertmanager.stop();
      await healthy.stop();
      await receivers.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * Alertmanager with the shipped routes, texts and kinds of receivers. Only addresses, secrets and the pace
 * are the test's own, and working hours are always: the clock on the wall cannot be scaled.
 */
export async function startShippedAlertmanager(options: {
  receivers: Receivers;
  folder: string;
  times: number;
  port?: number;
  workingHours?: 'always' | 'never';
}): Promise<Alertmanager> {
  const { receivers, folder, times, port, workingHours = 'always' } = options;
  const secret = (name: string, value: string): string => {
    const file = join(folder, name);
    writeFileSync(file, value);
    return file;
  };
  const files: Record<string, string> = {
    'slack-webhook-url': secret('slack-webhook-url', receivers.slackUrl),
    'pagerduty-routing-key': secret('pagerduty-routing-key', secrets.routingKey),
    'smtp-password': secret('smtp-password', secrets.password),
  };
  const hours =
    workingHours === 'always'
      ? 'times: [{ start_time: "00:00", end_time: "24:00" }]'
      : 'years: ["1999"]';
  const yaml = readFileSync(join(shipped, 'alertmanager/alertmanager.yml'), 'utf8')
    .replaceAll(/\/etc\/alertmanager\/secrets\/([\w-]+)/g, (_, name: string) => files[name] ?? '')
    .replace('https://events.pagerduty.com/v2/enqueue', receivers.pagerdutyUrl)
    .replace('smtp.example.com:587', receivers.smtpHost)
    .replace('smtp_require_tls: true', 'smtp_require_tls: false')
    .replace(/- weekdays: .*\n.*\n.*location: Local/, `- ${hours}`);
  const config = join(folder, 'alertmanager.yml');
  writeFileSync(config, scaleTime(yaml, times));
  cpSync(join(shipped, 'alertmanager/templates'), join(folder, 'templates'), { recursive: true });
  return startAlertmanager({ config, folder, ...(port !== undefined && { port }) });
}

const inDays = (days: number): number => Date.now() / 1000 + days * 86_400;

/** What exporters say while all is well: the archiver is at work. */
const wellElsewhere = (): string => `
pg_stat_archiver_failed_count 0
pg_stat_archiver_archived_count ${Math.round(Date.now() / 1000)}
node_filesystem_avail_bytes{mountpoint="/",fstype="ext4",device="/dev/vda1"} 9e10
node_filesystem_size_bytes{mountpoint="/",fstype="ext4",device="/dev/vda1"} 1e11
probe_ssl_earliest_cert_expiry ${inDays(60)}
`;
