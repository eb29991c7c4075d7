import { createTransport, type Transporter } from 'nodemailer';
import type { MailConfig } from './mail.config.js';
import type { RenderedMail } from './render-mail.js';

/** Whatever stands around a delivery; the module puts the breaker here. */
export type AroundDelivery = <T>(deliver: () => Promise<T>) => Promise<T>;

/** How long the server may take to be reached, to greet, and to answer. */
const TIMEOUT_MS = 10_000;

/** Sends mails by SMTP. */
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

  /** Whether there is a mail server. */
  get sends(): boolean {
    return this.transport !== undefined;
  }

  /**
   * @param to one address: it is never read as a list
   * @param id of the job: by it a mail that was sent twice, because its confirmation was lost, is
   *   recognised as one
   */
  async send(to: string, { subject, text, html }: RenderedMail, id: string): Promise<void> {
    const { transport } = this;
    if (!transport) return;
    const mail = {
      from: this.config.from,
      to: { name: '', address: to },
      subject,
      text,
      html,
      messageId: `<${id}@${this.domain}>`,
      // Nobody's out-of-office reply is wanted.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    };
    await this.around(() => transport.sendMail(mail));
  }

  /** Resolves when the server greets and takes the login. */
  async check(): Promise<void> {
    await this.transport?.verify();
  }

  private get domain(): string {
    return /@([A-Za-z0-9.-]+)>?\s*$/.exec(this.config.from)?.[1] ?? 'localhost';
  }
}

/** Whether the server itself is the trouble: one that refuses a recipient (5xx) works well. */
export function isSmtpDown(error: unknown): boolean {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  if (typeof responseCode === 'number') return responseCode < 500;
  return code !== 'EENVELOPE' && code !== 'EMESSAGE';
}

/** Whether the server knows for good that nobody has the address: it would say so again. */
export function isRecipientRefused(error: unknown): boolean {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  return code === 'EENVELOPE' && typeof responseCode === 'number' && responseCode >= 500;
}
