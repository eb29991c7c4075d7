import { parseArgs } from 'node:util';

/** In this order: what reads goes first, so that answers are compared before anything is written. */
export const scenarioNames = ['get', 'feed', 'cached', 'create', 'login'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export interface Options {
  only: ScenarioName[];
  rounds: number;
  seconds: number;
  /** A smoke test: figures are printed, nothing is written. */
  quick: boolean;
}

/** The command line is wrong. */
export class UsageError extends Error {}

export const USAGE = `Usage: npm run bench [-- [overhead|observability|logins] [--quick] [--only get,feed,cached,create,login] [--rounds N] [--seconds N]]

  overhead       what each concern around a request costs, alone
  observability  what logs, metrics and traces cost
  logins         logins a second beside bare argon2id

  --quick      one round of 2 s each, docs/performance.md is not written
  --only       these scenarios alone; docs/performance.md is not written
  --rounds N   rounds, 3 by default; the median of them counts
  --seconds N  length of a run, 5 by default`;

/** @throws UsageError */
export function parseOptions(args: string[]): Options {
  const values = read(args);
  const quick = values.quick ?? false;
  const only = values.only?.split(',').map((name) => name.trim()) ?? [...scenarioNames];
  const unknown = only.filter((name) => !scenarioNames.includes(name as ScenarioName));
  if (unknown.length > 0 || only.length === 0) {
    throw new UsageError(
      `--only: no such scenario "${unknown.join(', ')}"; there are ${scenarioNames.join(', ')}.`,
    );
  }
  return {
    only: scenarioNames.filter((name) => only.includes(name)),
    rounds: number('rounds', values.rounds, quick ? 1 : 3, 25),
    seconds: number('seconds', values.seconds, quick ? 2 : 5, 120),
    quick,
  };
}

function read(args: string[]) {
  const options = {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function number(name: string, text: string | undefined, fallback: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max)
    throw new UsageError(`--${name} must be a whole number from 1 to ${max}.`);
  return value;
}
