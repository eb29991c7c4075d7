import type { ClientBase, Pool, QueryResult, QueryResultRow } from 'pg';
import { loggerOf } from '../logging/logger.js';
import { traced } from '../tracing/tracing.js';
import type { Statement } from './statement.js';

const log = loggerOf('database');

/** Runs a named statement, records its time, and gives it a span when the trace is recorded. */
export async function runStatement<R extends QueryResultRow>(
  on: Pool | ClientBase,
  statement: Statement,
  values: unknown[],
): Promise<QueryResult<R>> {
  const started = performance.now();
  try {
    const query = { name: statement.name, text: statement.text, values };
    const { span } = statement;
    return await traced(span.name, span.attributes, () => on.query<R>(query));
  } finally {
    const ms = performance.now() - started;
    statement.duration.observe(ms / 1000);
    if (log.debugs)
      log.debug(
        {
          event: 'statement',
          statement: statement.name,
          duration_ms: Math.round(ms * 1000) / 1000,
        },
        statement.name,
      );
  }
}
