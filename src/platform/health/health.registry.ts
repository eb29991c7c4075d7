import { Injectable } from '@nestjs/common';

/** Looks at one dependency; throws when it is not well. */
export type Probe = () => Promise<unknown>;

/** What is known of one dependency. */
export interface CheckState {
  status: 'up' | 'down' | 'unknown';
  latencyMs: number;
  /** RFC 3339: since when the status is what it is. */
  since: string;
  lastError: string | null;
}

interface Check {
  probe: Probe;
  required: boolean;
  state: CheckState;
  running: boolean;
}

const TIMEOUT_MS = 2000;

/**
 * The dependencies of this process and their state. They are looked at in the background, so that
 * a probe costs nothing and a dependency that hangs cannot hang it.
 */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, Check>();

  /** @param required whether the process cannot serve without it */
  register(name: string, probe: Probe, required: boolean): void {
    const state: CheckState = {
      status: 'unknown',
      latencyMs: 0,
      since: new Date().toISOString(),
      lastError: null,
    };
    this.checks.set(name, { probe, required, state, running: false });
  }

  has(name: string): boolean {
    return this.checks.has(name);
  }

  /** Looks at everything once; a check that still hangs from last time counts as down. */
  async lookAround(): Promise<void> {
    await Promise.all([...this.checks.values()].map((check) => this.look(check)));
  }

  states(): Record<string, CheckState & { required: boolean }> {
    return Object.fromEntries(
      [...this.checks].map(([name, { state, required }]) => [name, { ...state, required }]),
    );
  }

  /** `ok`, `degraded` when something optional is down, `unavailable` when something required is. */
  status(): 'ok' | 'degraded' | 'unavailable' {
    const down = [...this.checks.values()].filter((check) => check.state.status !== 'up');
    if (down.some((check) => check.required)) return 'unavailable';
    return down.length > 0 ? 'degraded' : 'ok';
  }

  private async look(check: Check): Promise<void> {
    if (check.running) return;
    check.running = true;
    const started = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(Object.assign(new Error('timeout'), { code: 'TIMEOUT' })),
        TIMEOUT_MS,
      );
    });
    const probe = check.probe().finally(() => (check.running = false));
    probe.catch(() => undefined); // reported through the race below
    try {
      await Promise.race([probe, timeout]);
      this.note(check, 'up', started, null);
    } catch (error) {
      const { code } = error as { code?: unknown };
      this.note(check, 'down', started, typeof code === 'string' ? code : 'ERROR');
    } finally {
      clearTimeout(timer);
    }
  }

  private note(
    check: Check,
    status: 'up' | 'down',
    started: number,
    lastError: string | null,
  ): void {
    const changed = check.state.status !== status;
    check.state = {
      status,
      latencyMs: Math.round((performance.now() - started) * 100) / 100,
      since: changed ? new Date().toISOString() : check.state.since,
      lastError: lastError ?? check.state.lastError,
    };
  }
}
