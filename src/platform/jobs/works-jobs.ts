/** Injection token: whether this process works jobs (roles `all` and `worker`) or only enqueues them. */
export const WORKS_JOBS = Symbol('WORKS_JOBS');
