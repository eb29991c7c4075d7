import { redactText } from '../logging/redact-text.js';
import { requestContext } from '../observability/request-context.js';

/** One kind of error that happened lately: its last occurrence, and how often there were others. */
export interface RecentError {
  code: string;
  /** HTTP status of the answer; null for work that nobody waits for. */
  status: number | null;
  /** Route pattern with its method, or what else was at work: `job mail`, `consumer notifications`. */
  route: string;
  message: string;
  /** RFC 3339: of the first and of the last occurrence. */
  firstAt: string;
  at: string;
  times: number;
  /** Accounts that met it, {@link MOST_USERS} at most; without those who were not logged in. */
  users: number;
  /** Of the last occurrence; null outside of any request. */
  requestId: string | null;
  traceId: string | null;
}

/** What happened; the rest is known from the work at hand. */
export type Occurrence = Pick<RecentError, 'code' | 'status' | 'route'> & { error: unknown };

const MOST_ERRORS = 100;
const MOST_USERS = 100;
/** Some drivers add to the message of an error that many share; the log has all of it. */
const MOST_LETTERS = 240;

/**
 * The last errors that are faults of ours (5xx, jobs, consumers), for whoever looks after the process.
 * Repetitions are one entry: an outage of a thousand refusals a second pushes nothing else out.
 */
export class RecentErrors {
  /** By kind; what happened last stands last. */
  private readonly kinds = new Map<string, { entry: RecentError; users: Set<string> }>();

  add({ code, status, route, error }: Occurrence): void {
    const message = redactText(messageOf(error)).slice(0, MOST_LETTERS);
    const kind = `${code} ${route} ${message}`;
    const known = this.kinds.get(kind);
    const work = requestContext();
    const at = new Date().toISOString();
    const users = known?.users ?? new Set<string>();
    if (work?.principal && users.size < MOST_USERS) users.add(work.principal.userId);
    const entry: RecentError = {
      ...{ code, status, route, message, at },
      firstAt: known?.entry.firstAt ?? at,
      times: (known?.entry.times ?? 0) + 1,
      users: users.size,
      requestId: work?.requestId ?? null,
      traceId: work?.traceId ?? null,
    };
    this.kinds.delete(kind);
    this.kinds.set(kind, { entry, users });
    const [oldest] = this.kinds.keys();
    if (this.kinds.size > MOST_ERRORS && oldest !== undefined) this.kinds.delete(oldest);
  }

  /** The last one first. */
  list(): RecentError[] {
    return [...this.kinds.values()].map(({ entry }) => entry).reverse();
  }
}

/** Those of this process. */
export const recentErrors = new RecentErrors();

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
