import { createServer } from 'node:http';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A message of Alertmanager, as the people who get it see it. */
export interface Message {
  via: 'slack' | 'pagerduty' | 'email';
  state: 'firing' | 'resolved';
  /** Alerts named in it. */
  alerts: string[];
  /** PagerDuty's: `critical` and `error` ring, `warning` does not. */
  urgency?: string;
  /** What belongs to one incident of PagerDuty has one key. */
  incident?: string;
  text: string;
  /** Where it leads. */
  link: string;
}

/** Slack, PagerDuty and a mail server, as far as Alertmanager can tell. */
export interface Receivers {
  messages: Message[];
  slackUrl: string;
  pagerdutyUrl: string;
  smtpHost: string;
  stop(): Promise<void>;
}

export const secrets = { routingKey: 'a-routing-key', password: 'a-password' };

export async function startReceivers(): Promise<Receivers> {
  const messages: Message[] = [];
  const web = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const json = JSON.parse(body);
      messages.push(request.url === '/slack' ? fromSlack(json) : fromPagerduty(json));
      response.writeHead(request.url === '/slack' ? 200 : 202).end('{"status":"success"}');
    });
  });
  const smtp = new SMTPServer({
    hideSTARTTLS: true,
    onAuth: ({ password }, _session, done) =>
      password === secrets.password
        ? done(null, { user: 'alertmanager' })
        : done(new Error('wrong password')),
    onData: (stream, _session, done) => {
      let mail = '';
      stream.on('data', (chunk: Buffer) => (mail += chunk.toString()));
      stream.on('end', () => {
        messages.push(fromMail(mail));
        done();
      });
    },
  });
  const webPort = await listen(web);
  const smtpPort = await listen(smtp.server);
  return {
    messages,
    slackUrl: `http://127.0.0.1:${webPort}/slack`,
    pagerdutyUrl: `http://127.0.0.1:${webPort}/pagerduty`,
    smtpHost: `127.0.0.1:${smtpPort}`,
    stop: async () => {
      web.closeAllConnections();
      await new Promise((resolve) => web.close(resolve));
      await new Promise<void>((resolve) => smtp.close(resolve));
    },
  };
}

function listen(server: NetServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

const titled = /^\[(P[123]|over)\] (\w+): /;

function fromSlack({ attachments: [message] }: Json): Message {
  const [, severity, alert = ''] = titled.exec(message.title) ?? [];
  return {
    via: 'slack',
    state: severity === 'over' ? 'resolved' : 'firing',
    alerts: [alert],
    text: `${message.title}\n${message.text}`,
    link: message.title_link,
  };
}

function fromPagerduty({ event_action, dedup_key, routing_key, payload, links }: Json): Message {
  if (routing_key !== secrets.routingKey)
    throw new Error(`a routing key of nobody: ${routing_key}`);
  return {
    via: 'pagerduty',
    state: event_action === 'resolve' ? 'resolved' : 'firing',
    alerts: [payload.class],
    urgency: payload.severity,
    incident: dedup_key,
    text: payload.summary,
    link: links?.[0]?.href,
  };
}

function fromMail(mail: string): Message {
  const text = mail.replaceAll('=\r\n', '').replaceAll('=3D', '=');
  return {
    via: 'email',
    state: 'firing',
    alerts: [...text.matchAll(/^(\w+): (?=.*\r\n {2})/gm)].map(([, alert = '']) => alert),
    text,
    link: /https:\S+/.exec(text)?.[0] ?? '',
  };
}
