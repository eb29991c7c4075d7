/** What an error is called in reports: its code, else its name. Never its message, which may hold anything. */
export function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === 'string') return code;
  return typeof name === 'string' ? name : 'ERROR';
}
