import { SMTPServer } from 'smtp-server';
import { eventually } from './client.js';
import { readMail, type ReceivedMail } from './read-mail.js';

/** A real SMTP server that keeps what it is sent; at `nobody.example` it knows nobody. */
export interface MailServer {
  /** Every mail as it came. */
  mails: string[];
  /** Every mail as its recipient reads it. */
  received: ReceivedMail[];
  /** Those that it refused. */
  refused: ReceivedMail[];
  /** The mails to an address so far, that fit. */
  to(address: string, subject?: string | RegExp): ReceivedMail[];
  /** Waits for the nth mail of a subject to an address. */
  mail(address: string, subject: string | RegExp, nth?: number): Promise<ReceivedMail>;
  /** Refuses everything with a temporary error until it is called again with false. */
  refuse(refuses: boolean): void;
  stop(): Promise<void>;
}

export async function startMailServer(port: number): Promise<MailServer> {
  const mails: string[] = [];
  const received: ReceivedMail[] = [];
  const refused: ReceivedMail[] = [];
  let refuses = false;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) =>
      done(
        address.endsWith('@nobody.example')
          ? Object.assign(new Error('no such user here'), { responseCode: 550 })
          : undefined,
      ),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('utf8');
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        const mail = readMail(raw, recipients);
        if (refuses) {
          refused.push(mail);
          return done(Object.assign(new Error('try again later'), { responseCode: 451 }));
        }
        mails.push(raw);
        received.push(mail);
        return done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const to: MailServer['to'] = (address, subject = /(?:)/) =>
    received.filter(
      (mail) =>
        mail.recipients.includes(address) &&
        (typeof subject === 'string' ? mail.subject === subject : subject.test(mail.subject)),
    );
  return {
    mails,
    received,
    refused,
    to,
    mail: async (address, subject, nth = 1) => {
      let found: ReceivedMail | undefined;
      await eventually(() => {
        found = to(address, subject)[nth - 1];
        return found
          ? Promise.resolve()
          : Promise.reject(new Error(`no mail ${nth} of «${String(subject)}» to ${address} yet`));
      });
      if (!found) throw new Error('unreachable');
      return found;
    },
    refuse: (does) => {
      refuses = does;
    },
    stop: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
