import { createTransport, type Transporter } from 'nodemailer';
import type { MailConfig } from './mail.config.js';
import { templates, type Mail } from './templates.js';

/** Whatever stands around a delivery; the module puts the breaker here. */
export type AroundDelivery = <T>(deliver: () => Promise<T>) => Promise<T>;

/** How long the server may take to be reached, to greet, and to answer. */
const TIMEOUT_MS = 10_000;

/** Sends mails by SMTP, or, without a server, keeps them where they are: in the queue's history. */
export class Mailer {
  private readonly transport: Transporter | undefined;

  constructor(
    private readonly config: MailConfig,
    private readonly around: AroundDelivery = (deliver) => deliver(),
  ) {
    if (config.smtpUrl === undefined) return;
    this.transport = createTransport({
      url: config.smtpUrl,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
    });
  }

  get sends(): boolean {
    return this.transport !== undefined;
  }

  async send({ to, template }: Mail): Promise<void> {
    const { transport } = this;
    if (!transport) return;
    const mail = { from: this.config.from, to, ...templates[template] };
    await this.around(() => transport.sendMail(mail));
  }

  /** Resolves when the server greets and takes the login. */
  async check(): Promise<void> {
    await this.transport?.verify();
  }
}

/** Whether the server itself is the trouble: one that refuses a recipient (5xx) works well. */
export function isSmtpDown(error: unknown): boolean {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  if (typeof responseCode === 'number') return responseCode < 500;
  return code !== 'EENVELOPE' && code !== 'EMESSAGE';
}
