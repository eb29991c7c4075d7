import type { Client } from './client.js';

/** The value of a metric on /metrics; undefined when it is not there. */
export async function metric(
  client: Client,
  name: string,
  labels: Record<string, string> = {},
): Promise<number | undefined> {
  const { text } = await client.get<string>('/metrics');
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const line = text
    .split('\n')
    .find(
      (candidate) =>
        new RegExp(`^${name}[{ ]`).test(candidate) &&
        wanted.every((label) => new RegExp(`[{,]${label}[,}]`).test(candidate)),
    );
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}
