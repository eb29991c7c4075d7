import { AuthController } from './auth.controller.js';
import { CountActive } from './count-active.js';
import { CsrfTokens } from './csrf-tokens.js';
import { EndOwnSessions } from './end-own-sessions.js';
import { EndSessions } from './end-sessions.js';
import { FindCookieSession } from './find-cookie-session.js';
import { HandOutTokens } from './hand-out-tokens.js';
import { ListSessions } from './list-sessions.js';
import { Login } from './login.js';
import { OpenSession } from './open-session.js';
import { PruneSessions } from './prune-sessions.js';
import { Refresh } from './refresh.js';
import { ReportActivity } from './report-activity.js';
import {
  PgSessionActivityRepository,
  SessionActivityRepository,
} from './session-activity.repository.js';
import { SessionsController } from './sessions.controller.js';
import { PgSessionsRepository, SessionsRepository } from './sessions.repository.js';
import { SlowDown } from './slow-down.js';

/** Sessions. */
export const sessions = {
  controllers: [AuthController, SessionsController],
  both: [
    { provide: SessionsRepository, useClass: PgSessionsRepository },
    { provide: SessionActivityRepository, useClass: PgSessionActivityRepository },
  ],
  serving: [
    CsrfTokens,
    HandOutTokens,
    FindCookieSession,
    OpenSession,
    EndSessions,
    EndOwnSessions,
    ListSessions,
    SlowDown,
    Login,
    Refresh,
    ReportActivity,
  ],
  working: [PruneSessions, CountActive],
};
