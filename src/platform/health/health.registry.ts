import { Inject, Injectable } from '@nestjs/common';
import { healthConfig, type HealthConfig } from './health.config.js';
import { healthTelemetry } from './health.telemetry.js';

/**
 * Looks at one thing; throws when it is not well, with a `code` that says why. Numbers that it resolves
 * to, by name, are shown with the check's detail.
 */
export type Probe = () => Promise<unknown>;

/**
 * What a failing check means for readiness: `required` 503, `optional` `degraded`; of an
 * `informative` one only the detail, its metric and alerts tell.
 */
export type Need = 'required' | 'optional' | 'informative';

/** What is known of one check. */
export interface CheckState {
  status: 'up' | 'down' | 'unknown';
  latencyMs: number;
  /** RFC 3339: since when the status is what it is. */
  since: string;
  /** The code of its last failure, also when it is well again. */
  lastError: string | null;
  need: Need;
  /** What it measured, e.g. `lagSeconds`. */
  values?: Record<string, number>;
}

interface Check {
  probe: Probe;
  need: Need;
  state: Omit<CheckState, 'need'>;
  running: boolean;
}

/**
 * What this process depends on, and its state. It is looked at in the background, so that a probe
 * costs nothing and a dependency that hangs cannot hang it.
 */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, Check>();

  constructor(@Inject(healthConfig.KEY) private readonly config: HealthConfig) {}

  /** @param need unless `health.required` names it */
  register(name: string, probe: Probe, need: Exclude<Need, 'required'> = 'optional'): void {
    this.checks.set(name, {
      probe,
      need: this.config.required.includes(name) ? 'required' : need,
      state: { status: 'unknown', latencyMs: 0, since: new Date().toISOString(), lastError: null },
      running: false,
    });
  }

  /** What the configuration requires and this process has no check of: other roles may have it. */
  unknown(): string[] {
    return this.config.required.filter((name) => !this.checks.has(name));
  }

  has(name: string): boolean {
    return this.checks.has(name);
  }

  /** Looks at everything once; a check that still hangs from last time counts as down. */
  async lookAround(): Promise<void> {
    await Promise.all([...this.checks.keys()].map((name) => this.look(name)));
  }

  /** Looks at what is required and down. */
  async lookAgain(): Promise<void> {
    const down = [...this.checks].filter(
      ([, { need, state }]) => need === 'required' && state.status === 'down',
    );
    await Promise.all(down.map(([name]) => this.look(name)));
  }

  states(): Record<string, CheckState> {
    return Object.fromEntries(
      [...this.checks].map(([name, { state, need }]) => [name, { ...state, need }]),
    );
  }

  /** `ok`, `degraded` when something optional is down, `unavailable` when something required is. */
  status(): 'ok' | 'degraded' | 'unavailable' {
    const down = [...this.checks.values()].filter((check) => check.state.status !== 'up');
    if (down.some((check) => check.need === 'required')) return 'unavailable';
    return down.some((check) => check.need === 'optional') ? 'degraded' : 'ok';
  }

  /** Looks at one check now. */
  async look(name: string): Promise<void> {
    const check = this.checks.get(name);
    if (!check || check.running) return;
    check.running = true;
    const started = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      const late = (): void => reject(Object.assign(new Error('timeout'), { code: 'TIMEOUT' }));
      // One more turn: after a long one of our own the answer may be there, unread.
      timer = setTimeout(() => setImmediate(late), this.config.timeoutMs);
    });
    const probe = Promise.resolve()
      .then(check.probe)
      .finally(() => (check.running = false));
    probe.catch(() => undefined); // reported through the race below
    try {
      const values = await Promise.race([probe, timeout]);
      this.note(name, check, started, { status: 'up', ...measured(values) });
    } catch (error) {
      const { code, values } = error as { code?: unknown; values?: unknown };
      this.note(name, check, started, {
        status: 'down',
        lastError: typeof code === 'string' ? code : 'ERROR',
        ...measured(values),
      });
    } finally {
      clearTimeout(timer);
    }
  }

  private note(
    name: string,
    check: Check,
    started: number,
    seen: { status: 'up' | 'down'; lastError?: string; values?: Record<string, number> },
  ): void {
    const ms = performance.now() - started;
    const before = check.state;
    const changed = before.status !== seen.status;
    check.state = {
      status: seen.status,
      latencyMs: Math.round(ms * 100) / 100,
      since: changed ? new Date().toISOString() : before.since,
      lastError: seen.lastError ?? before.lastError,
      ...(seen.values && { values: seen.values }),
    };
    healthTelemetry.looked(name, seen.status === 'up', ms / 1000);
    if (changed && !(before.status === 'unknown' && seen.status === 'up'))
      healthTelemetry.changed(name, seen.status, check.state.lastError);
  }
}

function measured(values: unknown): { values?: Record<string, number> } {
  return typeof values === 'object' && values !== null
    ? { values: values as Record<string, number> }
    : {};
}

/** A check that measured too much or too little: its code, and what it measured. */
export function illness(code: string, values: Record<string, number>): Error {
  return Object.assign(new Error(code), { code, values });
}
