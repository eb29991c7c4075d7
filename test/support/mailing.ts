import { expect } from '@jest/globals';
import { Client, eventually } from './client.js';
import { deploy, type Deployment } from './deployment.js';
import { startMailServer, type MailServer } from './mail-server.js';
import { freePort } from './process.js';

/** The application with a real mail server, and what tests of mails ask of both. */
export interface Mailing {
  smtp: MailServer;
  deployment: Deployment;
  client: Client;
  /** Runs SQL on the application's database. */
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Waits until every mail that was asked for is sent, or is not going to be. */
  settled(): Promise<void>;
  /** As if the last mails had been sent more than a minute ago. */
  aMinutePasses(): Promise<void>;
  stop(): Promise<void>;
}

export async function startMailing(env: Record<string, string> = {}): Promise<Mailing> {
  const port = await freePort();
  const smtp = await startMailServer(port);
  const deployment = await deploy({
    SMTP_URL: `smtp://127.0.0.1:${port}`,
    PUBLIC_URL: 'https://app.example.com/',
    MAINSTAY__JOBS__POLL_SECONDS: '0.5',
    ...env,
  });
  const query: Mailing['query'] = async (sql, values) =>
    (await deployment.database.pool.query<Record<string, unknown>>(sql, values)).rows;
  return {
    smtp,
    deployment,
    client: new Client(deployment.url),
    query,
    settled: () =>
      eventually(async () => {
        const open = `SELECT id FROM jobs.job WHERE name = 'auth.mail' AND state < 'completed'`;
        expect(await query(open)).toEqual([]);
      }),
    aMinutePasses: async () => {
      await query(`UPDATE auth.mail_pace SET sent_at = sent_at - interval '61 seconds'`);
    },
    stop: async () => {
      await deployment.stop();
      await smtp.stop();
    },
  };
}

/** What is the same in two answers that must not differ: all but ids and times. */
export function sameBut(answer: { status: number; headers: Headers; text: string }): unknown {
  const own = ['date', 'x-request-id', 'x-ratelimit-remaining', 'x-ratelimit-reset'];
  const headers = [...answer.headers].filter(([name]) => !own.includes(name));
  return { status: answer.status, headers, text: answer.text };
}
