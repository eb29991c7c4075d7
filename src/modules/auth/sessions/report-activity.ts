import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Lifecycle } from '../../../platform/lifecycle/lifecycle.js';
import { ActiveSessions } from '../../../platform/security/active-sessions.js';
import { AuthApi } from '../auth.contract.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { authTelemetry } from '../auth.telemetry.js';

const SESSIONS_A_CALL = 1000;

/** Tells auth, every `auth.activitySeconds`, which sessions this process has heard of: when each was last used. */
@Injectable()
export class ReportActivity implements OnApplicationBootstrap {
  constructor(
    private readonly auth: AuthApi,
    private readonly active: ActiveSessions,
    private readonly lifecycle: Lifecycle,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  onApplicationBootstrap(): void {
    const timer = setInterval(() => void this.report(), this.config.activitySeconds * 1000);
    this.lifecycle.onStop('jobs', () => {
      clearInterval(timer);
      return this.report();
    });
  }

  private async report(): Promise<void> {
    const sessions = this.active.take();
    try {
      for (let from = 0; from < sessions.length; from += SESSIONS_A_CALL)
        await this.auth.noteActivity(sessions.slice(from, from + SESSIONS_A_CALL));
    } catch (error) {
      // Half a minute of «last used» is lost; who is still there is told of next time.
      authTelemetry.activityNotReported(error);
    }
  }
}
