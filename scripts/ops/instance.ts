import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirectory } from '../../src/platform/config/data-directory.ts';

/** What the operator can do something about; the message says what. */
export class OpsError extends Error {}

interface Credential {
  headers: Record<string, string>;
  /** What to call it when it is refused. */
  source: string;
}

const TIMEOUT_MS = 10_000;

/** A running instance, asked as an operator. */
export class Instance {
  readonly url: string;
  private readonly credential: Credential;

  constructor(url: string, env: NodeJS.ProcessEnv) {
    this.url = url;
    this.credential = findCredential(env);
  }

  /** @throws OpsError for every answer but a success */
  async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.send(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new OpsError(this.explain(response.status, text));
    try {
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch {
      throw new OpsError(`${this.url} does not answer as Mainstay would.`);
    }
  }

  private async send(method: string, path: string, body?: object): Promise<Response> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const content = body && {
      headers: { ...this.credential.headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    const headers = content?.headers ?? this.credential.headers;
    const options = { method, signal, redirect: 'error', ...content, headers } as const;
    try {
      return await fetch(`${this.url}${path}`, options);
    } catch (error) {
      const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
      if (cause?.code === 'ECONNREFUSED')
        throw new OpsError(
          `Nothing listens at ${this.url}. Is it running? Another instance: --url.`,
        );
      throw new OpsError(`${this.url} does not answer: ${cause?.message ?? message}`);
    }
  }

  private explain(status: number, text: string): string {
    const { source } = this.credential;
    if (status === 401) return `${this.url} does not accept ${source}.`;
    if (status === 403) return `The account of ${source} lacks the permission ops:manage.`;
    if (status === 404)
      return `${this.url} shows no operations to this machine: they are there for internal addresses only (INTERNAL_CIDRS).`;
    return `${this.url} answered ${status}: ${text.slice(0, 500)}`;
  }
}

/** What was set for this goes before what lies about: the development key. */
function findCredential(env: NodeJS.ProcessEnv): Credential {
  const keyed = (keys: string, source: string) =>
    credential('x-internal-key', keys.split(',', 1)[0]?.trim() ?? '', source);
  const { INTERNAL_API_KEYS: keys, INTERNAL_API_KEYS_FILE: keysFile, MAINSTAY_TOKEN: token } = env;
  if (keys) return keyed(keys, 'the key of INTERNAL_API_KEYS');
  if (keysFile) return keyed(read(keysFile), 'the key of INTERNAL_API_KEYS_FILE');
  if (token) return credential('authorization', `Bearer ${token}`, 'MAINSTAY_TOKEN');
  const file = join(dataDirectory(env), 'internal-api-key');
  if (existsSync(file)) return keyed(read(file), `the development key ${file}`);
  throw new OpsError(
    `There is nothing to show who you are: set INTERNAL_API_KEYS or MAINSTAY_TOKEN. There is no development key in ${file}.`,
  );
}

function credential(header: string, value: string, source: string): Credential {
  // Said here: the error of fetch would print the secret.
  if (!/^[ -~]+$/.test(value)) throw new OpsError(`${source} is not one line of printable ASCII.`);
  return { headers: { [header]: value }, source };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new OpsError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
    );
  }
}
