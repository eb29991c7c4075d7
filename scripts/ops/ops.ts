/**
 * `npm run ops`: what operators ask of a running instance, and tell it. Exit 0 when it is done, 1 when it
 * cannot be, 2 when the command line is wrong.
 */
import { parsePlan, USAGE, UsageError, type OpsPlan } from './arguments.ts';
import { Instance, OpsError } from './instance.ts';

interface Flag {
  name: string;
  description: string;
  default: boolean;
  enabled: boolean;
  tenants: string[];
  percentage: number;
}

interface Breaker {
  name: string;
  state: 'closed' | 'half_open' | 'open';
  failures: number;
  openedAt: string | null;
  lastError: string | null;
}

interface Levels {
  level: string;
  items: { module: string; level: string; until: string | null }[];
}

async function run(plan: OpsPlan): Promise<void> {
  if (plan.command === 'help') return say(USAGE);
  const instance = new Instance(plan.url, process.env);
  if (plan.command === 'reset') return reset(instance, plan);
  if (plan.command === 'level') return changeLevel(instance, plan);
  if (plan.command === 'levels') {
    const { items } = await instance.ask<Levels>('GET', '/ops/log-level');
    return show(plan, items, {
      module: ({ module }) => module,
      level: ({ level }) => level,
      until: ({ until }) => until ?? '–',
    });
  }
  if (plan.command === 'flags') {
    const { items } = await instance.ask<{ items: Flag[] }>('GET', '/ops/flags');
    return show(plan, items, {
      flag: ({ name }) => name,
      state: ({ enabled }) => (enabled ? 'on' : 'off'),
      tenants: ({ tenants }) => (tenants.length > 0 ? tenants.join(', ') : 'all'),
      share: ({ percentage }) => `${percentage} %`,
      'by default': (flag) => (flag.default ? 'on' : 'off'),
      meaning: ({ description }) => description,
    });
  }
  return show(plan, await breakersOf(instance), {
    breaker: ({ name }) => name,
    state: ({ state }) => state.replace('_', '-'),
    failures: ({ failures }) => String(failures),
    'open since': ({ openedAt }) => openedAt ?? '–',
    'last error': ({ lastError }) => lastError ?? '–',
  });
}

async function breakersOf(instance: Instance): Promise<Breaker[]> {
  return (await instance.ask<{ items: Breaker[] }>('GET', '/ops/breakers')).items;
}

async function reset(instance: Instance, { name, json }: OpsPlan): Promise<void> {
  // Asked first: its own 404 could mean the breaker as well as this machine.
  const names = (await breakersOf(instance)).map((breaker) => breaker.name);
  if (!names.includes(name))
    throw new OpsError(
      `There is no breaker "${name}" at ${instance.url}; there are: ${names.join(', ') || 'none'}.`,
    );
  await instance.ask('POST', `/ops/breakers/${encodeURIComponent(name)}/reset`);
  say(json ? JSON.stringify({ name, reset: true }) : `The breaker ${name} is reset.`);
}

async function changeLevel(instance: Instance, plan: OpsPlan): Promise<void> {
  const { name, level, seconds, json } = plan;
  if (name !== '') {
    // Asked first, for the same reason.
    const { items } = await instance.ask<Levels>('GET', '/ops/log-level');
    const names = items.map(({ module }) => module);
    if (!names.includes(name))
      throw new OpsError(
        `Nothing logs as "${name}" at ${instance.url}; there are: ${names.join(', ')}.`,
      );
  }
  const change = {
    level,
    ...(name !== '' && { module: name }),
    ...(seconds !== undefined && { expiresInSeconds: seconds }),
  };
  const { items } = await instance.ask<Levels>('PUT', '/ops/log-level', change);
  const until = items.find(({ module }) => name === '' || module === name)?.until ?? '';
  const what = name === '' ? 'all modules' : name;
  say(
    json
      ? JSON.stringify({ module: name || null, level, until })
      : `The level of ${what} is ${level} until ${until}.`,
  );
}

function show<T>(plan: OpsPlan, items: T[], columns: Record<string, (item: T) => string>): void {
  if (plan.json) return say(JSON.stringify(items, null, 2));
  const rows = [
    Object.keys(columns),
    ...items.map((item) => Object.values(columns).map((cell) => cell(item))),
  ];
  const widths = Object.keys(columns).map((_, at) =>
    Math.max(...rows.map((row) => row[at]?.length ?? 0)),
  );
  for (const row of rows)
    say(
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await run(parsePlan(process.argv.slice(2), process.env));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}\n`);
    process.exitCode = 2;
  } else if (error instanceof OpsError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
