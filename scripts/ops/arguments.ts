import { parseArgs } from 'node:util';

/** What is asked of which instance. */
export interface OpsPlan {
  command: 'help' | 'flags' | 'breakers' | 'reset';
  /** The breaker to reset. */
  name: string;
  url: string;
  json: boolean;
}

/** The command line is wrong; the message says how it should be. */
export class UsageError extends Error {}

export const USAGE = `Usage: npm run ops -- <command> [--url URL] [--json]

  flags                   the feature flags in force
  breakers                the circuit breakers and their state
  breakers reset <name>   closes a breaker

  --url URL   the instance, http://127.0.0.1:3000 or MAINSTAY_URL by default
  --json      for machines

It shows the first of INTERNAL_API_KEYS (or of INTERNAL_API_KEYS_FILE), else MAINSTAY_TOKEN, an
administrator's access token, else the key that development keeps in the data folder. Instances answer
internal addresses only (INTERNAL_CIDRS).`;

/** @throws UsageError naming what is wrong */
export function parsePlan(args: string[], env: NodeJS.ProcessEnv): OpsPlan {
  const { values, positionals } = read(args);
  const [area, verb, name = '', ...rest] = positionals;
  const url = urlOf(values.url ?? env['MAINSTAY_URL'] ?? 'http://127.0.0.1:3000');
  const plan = { name, url, json: values.json ?? false };
  if (values.help) return { ...plan, command: 'help' };
  if (area === undefined) throw new UsageError('A command is missing.');
  if ((area === 'flags' || area === 'breakers') && verb === undefined)
    return { ...plan, command: area };
  if (area === 'breakers' && verb === 'reset' && rest.length === 0) {
    if (name === '') throw new UsageError('"breakers reset" needs the name of a breaker.');
    return { ...plan, command: 'reset' };
  }
  throw new UsageError(`There is no command "${positionals.join(' ')}".`);
}

function read(args: string[]) {
  const options = {
    url: { type: 'string' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Without a slash at the end. */
function urlOf(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new UsageError(`"${text}" is no address such as http://127.0.0.1:3000.`);
  return url.href.replace(/\/+$/, '');
}
