/** What may be credentials: all up to the last `@` before a space or the end of a JSON string. */
const upToAt = /[^\s"]{1,512}@/y;
const web = /^(?:https?|wss?)$/i;
const port = /^[^:]+:\d{1,5}$/;

/**
 * Hides `user:password` of `scheme://user:password@host`, also where a password was put in as it is, with
 * `/`, `#`, `?` or `@` in it. The user's name is nobody's business either.
 */
export function hideUserInfo(text: string, hidden: string): string {
  let safe = '';
  let from = 0;
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', Math.max(at + 3, from))) {
    const start = at + 3;
    upToAt.lastIndex = start;
    const content = upToAt.exec(text)?.[0].slice(0, -1);
    if (content === undefined) continue;
    const scheme = /[a-z][a-z\d+.-]*$/i.exec(text.slice(Math.max(from, at - 20), at))?.[0] ?? '';
    const length = lengthOfUserInfo(scheme, content);
    if (length === 0) continue;
    safe += `${text.slice(from, start)}${hidden}`;
    from = start + length;
  }
  return from === 0 ? text : safe + text.slice(from);
}

function lengthOfUserInfo(scheme: string, content: string): number {
  const end = content.search(/[/?#]/);
  if (end < 0) return content.length;
  const authority = content.slice(0, end);
  const at = authority.lastIndexOf('@');
  // A path or a query of the web may hold an `@` (`/@scope/name`), those of databases and queues do not.
  if (at >= 0) return web.test(scheme) ? at : content.length;
  if (!authority.includes(':')) return 0;
  const isHost = port.test(authority) && content[end] === '/' && web.test(scheme);
  return isHost ? 0 : content.length;
}
