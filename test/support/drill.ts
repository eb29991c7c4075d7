import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import type { Alerting } from './alerting.js';
import { eventually } from './client.js';
import type { Message } from './receivers.js';

const PATIENCE_MS = 120_000;

/** A fault, and what tells of it. */
export interface Scenario {
  alert: string;
  severity: 'P1' | 'P2' | 'P3';
  /** Makes the fault. */
  fault: () => unknown;
  /** Mends it. */
  repair: () => unknown;
}

/** Breaks things and looks who is told what. */
export class Drill {
  /** Whose faults are there now: nobody may be told of anything else. */
  private readonly underway = new Set<string>();
  private heard = 0;

  constructor(private readonly alerting: Alerting) {}

  /** The fault begins now, and its alert may come. */
  async begin({ alert, fault }: Scenario): Promise<void> {
    this.underway.add(alert);
    await fault();
  }

  /** Everybody who should be is told, and nobody of anything else; then that it is over. */
  async see({ alert, severity, repair }: Scenario): Promise<void> {
    const other = severity === 'P3' ? 'email' : 'pagerduty';
    const slack = await this.told(alert, 'slack', 'firing');
    expect(slack.text).toContain(`[${severity}] ${alert}: `);
    expect(slack.link).toMatch(new RegExp(`/docs/runbook\\.md#${alert.toLowerCase()}$`));
    const second = await this.told(alert, other, 'firing');
    if (severity === 'P1') expect(second.urgency).toBe('critical');
    if (severity === 'P2') expect(['error', 'warning']).toContain(second.urgency);
    await repair();
    await this.told(alert, 'slack', 'resolved');
    if (other === 'pagerduty') {
      expect((await this.told(alert, other, 'resolved')).incident).toBe(second.incident);
    }
    await this.over(alert);
    this.underway.delete(alert);
  }

  async play(scenario: Scenario): Promise<void> {
    await this.begin(scenario);
    await this.see(scenario);
  }

  /** Everything that anybody was told of, by the alert's name. */
  get alertsTold(): string[] {
    return [...new Set(this.alerting.messages.flatMap(({ alerts }) => alerts))].sort();
  }

  private async told(
    alert: string,
    via: Message['via'],
    state: Message['state'],
  ): Promise<Message> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      this.listen();
      const found = this.alerting.messages.find(
        (message) =>
          message.via === via && message.state === state && message.alerts.includes(alert),
      );
      if (found) return found;
      if (Date.now() > deadline) {
        throw new Error(`${via} has no ${alert} (${state}); ${await this.situation()}`);
      }
      await pause(50);
    }
  }

  /** Fails as soon as somebody was told what is not the matter. */
  private listen(): void {
    for (const message of this.alerting.messages.slice(this.heard)) {
      this.heard++;
      const { alerts } = message;
      if (alerts.length > 0 && alerts.every((alert) => this.underway.has(alert))) continue;
      throw new Error(`a strange message: ${JSON.stringify(message)}`);
    }
  }

  /** Prometheus holds it no more, not even as pending. */
  private over(alert: string): Promise<void> {
    return eventually(async () => {
      const alerts = await this.alerting.prometheus.alerts();
      expect(alerts.filter(({ labels }) => labels['alertname'] === alert)).toEqual([]);
    }, PATIENCE_MS);
  }

  private async situation(): Promise<string> {
    const alerts = await this.alerting.prometheus.alerts();
    return JSON.stringify(
      alerts.map(({ labels, state, value }) => [labels['alertname'], state, value]),
    );
  }
}
