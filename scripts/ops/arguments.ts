import { parseArgs } from 'node:util';

/** What is asked of which instance. */
export interface OpsPlan {
  command: 'help' | 'flags' | 'breakers' | 'reset' | 'levels' | 'level';
  /** The breaker to reset, or the module whose level changes; empty for all modules. */
  name: string;
  level: string;
  /** How long the level holds; undefined as long as the instance says. */
  seconds: number | undefined;
  url: string;
  json: boolean;
}

/** The command line is wrong; the message says how it should be. */
export class UsageError extends Error {}

export const USAGE = `Usage: npm run ops -- <command> [--url URL] [--json]

  flags                   the feature flags in force
  breakers                the circuit breakers and their state
  breakers reset <name>   closes a breaker
  log-level               the log level of every module
  log-level [module] <level> [--for 10m]
                          changes it for a while (s, m, h; 10m unless said otherwise, a day at most)

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
  const plan = { name, url, json: values.json ?? false, level: '', seconds: undefined };
  if (values.help) return { ...plan, command: 'help' };
  if (area === 'log-level') return { ...plan, ...levelPlan(positionals.slice(1), values.for) };
  if (values.for !== undefined) throw new UsageError('--for belongs to "log-level".');
  if (area === undefined) throw new UsageError('A command is missing.');
  if ((area === 'flags' || area === 'breakers') && verb === undefined)
    return { ...plan, command: area };
  if (area === 'breakers' && verb === 'reset' && rest.length === 0) {
    if (name === '') throw new UsageError('"breakers reset" needs the name of a breaker.');
    return { ...plan, command: 'reset' };
  }
  throw new UsageError(`There is no command "${positionals.join(' ')}".`);
}

const levels = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** @param words what stands behind `log-level` */
function levelPlan(
  words: string[],
  time: string | undefined,
): Pick<OpsPlan, 'command' | 'name' | 'level' | 'seconds'> {
  const [level, name = ''] = words.toReversed();
  if (level === undefined) {
    if (time !== undefined) throw new UsageError('--for needs a level.');
    return { command: 'levels', name, level: '', seconds: undefined };
  }
  if (words.length > 2) throw new UsageError('"log-level" takes a module and a level at most.');
  if (!levels.includes(level))
    throw new UsageError(`"${level}" is no level; there are ${levels.join(', ')}.`);
  return { command: 'level', name, level, seconds: secondsOf(time) };
}

function secondsOf(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const [, number, unit = 's'] = /^(\d{1,5})([smh]?)$/.exec(time) ?? [];
  const seconds = Number(number) * ({ s: 1, m: 60, h: 3600 }[unit || 's'] ?? 1);
  if (!(seconds >= 1 && seconds <= 86_400))
    throw new UsageError(`"${time}" is no time such as 30s, 10m or 2h, up to 24h.`);
  return seconds;
}

function read(args: string[]) {
  const options = {
    url: { type: 'string' },
    json: { type: 'boolean' },
    for: { type: 'string' },
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
