/**
 * SQLSTATEs and driver errors of connections that are gone or cannot be had: also a refused login
 * (28xxx), a database that is not there (3D000), and a primary that became read-only (25006).
 */
const lost =
  /^(08|57P|28|3D000$|25006$)|^E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN)$/;
const lostText =
  /Connection terminated|Client has encountered a connection error|timeout expired|Query read timeout|not queryable/;

/**
 * Whether the connection to the database is gone or cannot be had: nothing that has to do with the
 * statement itself, so it is what the breaker counts.
 */
export function isConnectionLost(error: unknown): boolean {
  const code = sqlState(error);
  return (
    (code !== undefined && lost.test(code)) ||
    (error instanceof Error && lostText.test(error.message))
  );
}

/**
 * Whether the server has no room left: disk (53100), memory, connections. It still answers what needs
 * no more of them, so the breaker does not count it.
 */
export function isOutOfResources(error: unknown): boolean {
  return sqlState(error)?.startsWith('53') ?? false;
}

/** Whether the server ended the transaction in favour of another one: a repeat may succeed. */
export function isContention(error: unknown): boolean {
  const code = sqlState(error);
  return code === '40001' || code === '40P01';
}

/** Whether it took too long: the statement (57014), or a lock (55P03). */
export function isTooSlow(error: unknown): boolean {
  const code = sqlState(error);
  return code === '57014' || code === '55P03';
}

function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
