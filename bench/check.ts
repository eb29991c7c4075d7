import { isDeepStrictEqual } from 'node:util';
import type { PreparedRequest } from './load/load.ts';
import type { Scenario } from './scenarios.ts';
import type { Server } from './servers.ts';

const SAMPLES = 5;

/**
 * Compares the servers' answers before they are timed: the status, and the same JSON. Where each
 * answer is new by nature (a created post, a login) the same fields have to be there.
 */
export async function checkAnswers(
  scenario: Scenario,
  servers: readonly Server<string>[],
): Promise<void> {
  for (const request of scenario.requests.slice(0, SAMPLES)) {
    const answers = await Promise.all(servers.map((server) => ask(scenario, server, request)));
    const [first] = answers;
    for (const [index, answer] of answers.entries()) {
      const same =
        request.method === 'GET'
          ? isDeepStrictEqual(answer, first)
          : isDeepStrictEqual(fieldsOf(answer), fieldsOf(first ?? {}));
      if (same) continue;
      throw new Error(
        `${scenario.name}: ${servers[index]?.name} and ${servers[0]?.name} answer differently:\n` +
          `${JSON.stringify(answer).slice(0, 1500)}\n${JSON.stringify(first).slice(0, 1500)}`,
      );
    }
  }
}

async function ask(
  scenario: Scenario,
  server: Server<string>,
  request: PreparedRequest,
): Promise<object> {
  const { method, path, headers, body } = request;
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  if (response.status !== scenario.status) {
    throw new Error(
      `${scenario.name}: ${server.name} answers ${response.status} instead of ${scenario.status}: ` +
        `${text.slice(0, 500)}\n${server.stderr()}`,
    );
  }
  const answer = JSON.parse(text) as Record<string, unknown>;
  if ('nextCursor' in answer) answer['nextCursor'] = typeof answer['nextCursor']; // opaque
  return answer;
}

const fieldsOf = (answer: object): string[] => Object.keys(answer).sort();
