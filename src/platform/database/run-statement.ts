import type { ClientBase, Pool, QueryResult, QueryResultRow } from 'pg';
import { traced } from '../tracing/tracing.js';
import type { Statement } from './statement.js';

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
    statement.duration.observe((performance.now() - started) / 1000);
  }
}
