import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startShippedAlertmanager } from '../support/alerting.js';
import type { Alertmanager, PostedAlert } from '../support/alertmanager.js';
import { eventually } from '../support/client.js';
import { root } from '../support/process.js';
import { startReceivers, type Message, type Receivers } from '../support/receivers.js';
import { alertRules } from '../support/shipped-alerts.js';

const config = join(root, 'infra/monitoring/alertmanager/alertmanager.yml');
const amtool = async (...args: string[]) =>
  (await promisify(execFile)('amtool', args)).stdout.trim();
const told = { P1: 'slack,pagerduty', P2: 'slack,pagerduty', P3: 'slack,email-digest' };

describe('the configuration of Alertmanager', () => {
  it('is valid, its templates too', async () => {
    expect(await amtool('check-config', config)).toContain('SUCCESS');
  });

  it.each(alertRules)('tells the right people of $alert ($labels.severity)', async (rule) => {
    const labels = { ...rule.labels, alertname: rule.alert };
    const matchers = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    const receivers = await amtool(
      'config',
      'routes',
      'test',
      `--config.file=${config}`,
      ...matchers,
    );
    expect(receivers).toBe(told[rule.labels['severity'] as keyof typeof told]);
  });

  it('holds no secret, only files of them', () => {
    const secret = /^\s*-?\s*(\w*(?:api_url|routing_key|service_key|password|token)): .+$/gm;
    expect([...readFileSync(config, 'utf8').matchAll(secret)].map(([line]) => line)).toEqual([]);
  });
});

/** What a rule would send: its labels, and those that its expression brings. */
const alertOf = (alertname: string, more: Record<string, string> = {}, startsAt?: Date) => {
  const rule = alertRules.find(({ alert }) => alert === alertname);
  if (!rule) throw new Error(`no rule ${alertname}`);
  return {
    labels: { alertname, cluster: 'production', ...rule.labels, ...more },
    annotations: {
      summary: `${alertname} of ${more['instance'] ?? 'them all'}`,
      description: 'It is 42.',
      runbook_url: rule.annotations['runbook_url'] ?? '',
    },
    ...(startsAt && { startsAt: startsAt.toISOString() }),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(), // else it would be over by itself
  } satisfies PostedAlert;
};

describe('Alertmanager', () => {
  let receivers: Receivers;
  let alertmanager: Alertmanager;
  const folders: string[] = [];
  const start = async (workingHours: 'always' | 'never', to: Receivers) => {
    const folder = mkdtempSync(join(tmpdir(), 'mainstay-alertmanager-'));
    folders.push(folder);
    return startShippedAlertmanager({ receivers: to, folder, times: 600, workingHours });
  };
  const message = async (matches: (message: Message) => boolean): Promise<Message> => {
    let found: Message | undefined;
    await eventually(() => {
      found = receivers.messages.find(matches);
      return found
        ? Promise.resolve()
        : Promise.reject(new Error(JSON.stringify(receivers.messages)));
    });
    return found as Message;
  };
  beforeAll(async () => {
    receivers = await startReceivers();
    alertmanager = await start('always', receivers);
  });
  afterAll(async () => {
    await alertmanager.stop();
    await receivers.stop();
    folders.forEach((folder) => rmSync(folder, { recursive: true }));
  });

  const stateOf = async (alertname: string, cluster: string) =>
    (await alertmanager.alerts()).find(
      ({ labels }) => labels['alertname'] === alertname && labels['cluster'] === cluster,
    )?.status.state;

  /** Who suppresses whom. */
  const consequences = {
    ServiceDown: ['SocketDrop', 'HighErrorRate', 'HighLatency', 'BreakerOpen', 'OutboxLag'],
    PoolExhausted: ['HighErrorRate', 'HighLatency', 'BreakerOpen', 'OutboxLag'],
    HighErrorRate: ['SloAvailabilityBurnFast', 'SloAvailabilityBurnSlow'],
    HighLatency: ['SloLatencyBurnFast', 'SloLatencyBurnSlow'],
    SloAvailabilityBurnFast: ['SloAvailabilityBurnSlow'],
    SloLatencyBurnFast: ['SloLatencyBurnSlow'],
  };
  /** Who is never the consequence of something else. */
  const independent = [
    ...['LowDiskSpace', 'HighMemory', 'DeadLetterJobs', 'ReplicationLag'],
    ...['BackupOld', 'BackupUnverified', 'ArchiverFailing', 'CertificateExpiring'],
  ];
  it.each(Object.entries(consequences))('suppresses what %s causes: %j', async (cause, caused) => {
    const [here, elsewhere] = [`with-${cause}`, `without-${cause}`];
    const [first = ''] = caused;
    await alertmanager.post([
      ...[cause, ...caused, ...independent].map((name) => alertOf(name, { cluster: here })),
      alertOf(first, { cluster: elsewhere }),
    ]);
    await eventually(async () => {
      for (const name of caused)
        expect([name, await stateOf(name, here)]).toEqual([name, 'suppressed']);
      for (const name of [cause, ...independent])
        expect([name, await stateOf(name, here)]).toEqual([name, 'active']);
      expect(await stateOf(first, elsewhere)).toBe('active');
    });
  });

  it('suppresses no P1, whatever else is wrong', async () => {
    const cluster = 'all-wrong';
    const names = new Set(alertRules.map(({ alert }) => alert));
    await alertmanager.post([...names].map((name) => alertOf(name, { cluster })));
    await eventually(async () => {
      expect(await stateOf('HighErrorRate', cluster)).toBe('suppressed');
      for (const name of ['ServiceDown', 'PoolExhausted'])
        expect(await stateOf(name, cluster)).toBe('active');
    });
  });

  it.each(['HighErrorRate', 'OutboxLag'])(
    'lets an open breaker of the database speak for its %s, and that of Redis not',
    async (caused) => {
      for (const name of ['database', 'redis']) {
        const cluster = `breaker-${name}-${caused}`;
        await alertmanager.post([
          alertOf('BreakerOpen', { cluster, name }),
          alertOf(caused, { cluster }),
        ]);
        await eventually(async () => {
          expect(await stateOf(caused, cluster)).toBe(
            name === 'database' ? 'suppressed' : 'active',
          );
        });
      }
    },
  );

  it('suppresses nothing for a role that is no longer named, but for all when nothing is left', async () => {
    for (const kind of ['unknown', 'nothing']) {
      const cluster = `left-${kind}`;
      await alertmanager.post([
        alertOf('ServiceDown', { cluster, kind }),
        ...consequences.ServiceDown.map((name) => alertOf(name, { cluster })),
      ]);
      await eventually(async () => {
        for (const name of ['ServiceDown', ...consequences.ServiceDown]) {
          const caused = kind === 'nothing' && name !== 'ServiceDown';
          expect([name, await stateOf(name, cluster)]).toEqual([
            name,
            caused ? 'suppressed' : 'active',
          ]);
        }
      });
    }
  });

  // 10 and 3 o'clock of the process's own zone, as in the template.
  const wednesday = new Date(2026, 10, 18, 10);
  const night = new Date(2026, 10, 18, 3);
  const sunday = new Date(2026, 10, 15, 10);
  it.each([
    ['P1 at night', 'PoolExhausted', night, 'critical'],
    ['P2 in working hours', 'HighMemory', wednesday, 'error'],
    ['P2 at night', 'SocketDrop', night, 'warning'],
    ['P2 on a Sunday', 'OutboxLag', sunday, 'warning'],
  ])('rings for what may not wait: %s', async (_, alert, at, urgency) => {
    const service = `urgency-${alert}`;
    await alertmanager.post([alertOf(alert, { service, instance: 'host-7' }, at)]);
    const incident = await message(
      ({ via, text }) => via === 'pagerduty' && text.includes(`${alert} of host-7`),
    );
    expect(incident).toMatchObject({ urgency, state: 'firing', alerts: [alert] });
  });

  it('makes one message of what belongs together, with value and runbook', async () => {
    await alertmanager.post(
      ['a', 'b', 'c'].map((instance) => alertOf('ServiceDown', { service: 'three', instance })),
    );
    const { text, link } = await message(
      ({ via, text: said }) => via === 'slack' && said.includes('ServiceDown of c'),
    );
    expect(text).toContain('[P1] ServiceDown: ServiceDown of a (and 2 more)');
    expect(text).toContain('ServiceDown of c. It is 42. Since ');
    expect(link).toBe('https://git.example.com/mainstay/docs/runbook.md#servicedown');
  });

  it('sends all P3 in one mail, and only in working hours', async () => {
    const asleep = await startReceivers();
    const never = await start('never', asleep);
    const awake = await startReceivers();
    const always = await start('always', awake);
    const both = [alertOf('DeadLetterJobs'), alertOf('BackupUnverified')];
    await never.post(both);
    await always.post(both); // later: when its mail is here, that of the other would be
    await eventually(async () => {
      expect(awake.messages.filter(({ via }) => via === 'email')).toHaveLength(1);
      return Promise.resolve();
    });
    const mail = awake.messages.find(({ via }) => via === 'email');
    expect(mail?.alerts).toEqual(['BackupUnverified', 'DeadLetterJobs']);
    expect(mail?.text).toContain('Subject: [production] 2 things to look at (P3)');
    expect(asleep.messages.map(({ via }) => via)).toEqual(['slack', 'slack']);
    await Promise.all([never.stop(), always.stop(), asleep.stop(), awake.stop()]);
  });
});
