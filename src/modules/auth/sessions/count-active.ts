import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Lifecycle } from '../../../platform/lifecycle/lifecycle.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { authTelemetry } from '../auth.telemetry.js';
import { SessionActivityRepository } from './session-activity.repository.js';

/** Counts the users of the last minutes and of the day for the metric, in one pass over the sessions. */
@Injectable()
export class CountActive implements OnApplicationBootstrap {
  constructor(
    private readonly activity: SessionActivityRepository,
    private readonly lifecycle: Lifecycle,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  onApplicationBootstrap(): void {
    void this.count();
    const timer = setInterval(() => void this.count(), this.config.activitySeconds * 1000);
    this.lifecycle.onStop('jobs', () => clearInterval(timer));
  }

  private async count(): Promise<void> {
    try {
      authTelemetry.active(await this.activity.countActive());
    } catch (error) {
      authTelemetry.activeNotCounted(error);
    }
  }
}
