import type { ClientBase } from 'pg';

/** Rows in one statement: large enough that the round trip vanishes, small enough to stay in memory. */
const BATCH = 5000;

/**
 * Inserts rows thousands at a time. PostgreSQL reads them from one JSON parameter against the
 * table's own row type, so every column keeps its type (arrays too) without being listed here.
 *
 * @param table with its schema; trusted, it becomes part of the statement
 * @param rows objects keyed by column name, all with the same keys
 */
export async function insertAll<Row extends object>(
  client: ClientBase,
  table: string,
  rows: Iterable<Row>,
): Promise<number> {
  let batch: Row[] = [];
  let inserted = 0;
  const flush = async (): Promise<void> => {
    const [first] = batch;
    if (!first) return;
    const columns = Object.keys(first).join(', ');
    await client.query(
      `INSERT INTO ${table} (${columns})
       SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)`,
      [JSON.stringify(batch)],
    );
    inserted += batch.length;
    batch = [];
  };
  for (const row of rows) {
    batch.push(row);
    if (batch.length === BATCH) await flush();
  }
  await flush();
  return inserted;
}
