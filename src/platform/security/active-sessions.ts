import { Injectable } from '@nestjs/common';

/** Ten times the concurrent users of the plan; beyond it a count is a lower bound. */
const MAX_SESSIONS = 100_000;

/** The sessions that this process heard of since they were last taken. */
@Injectable()
export class ActiveSessions {
  private seen = new Set<string>();

  /** Runs for every request with a token. */
  note(sessionId: string): void {
    if (this.seen.size < MAX_SESSIONS) this.seen.add(sessionId);
  }

  /** What was noted since the last time. */
  take(): string[] {
    const taken = [...this.seen];
    this.seen = new Set();
    return taken;
  }
}
