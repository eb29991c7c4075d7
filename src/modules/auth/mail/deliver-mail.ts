import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { requestContext } from '../../../platform/observability/request-context.js';
import type { AuditEventName } from '../audit/audit-events.js';
import { RecordAudit } from '../audit/record-audit.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { authTelemetry } from '../auth.telemetry.js';
import { IssueOneTimeToken } from '../one-time-tokens/issue-one-time-token.js';
import { AddressMail, type Addressed } from './address-mail.js';
import { LinkBase } from './link-base.js';
import { MAIL_PATIENCE, MAIL_QUEUE, type MailJob } from './mail-job.js';
import { MailboxRepository } from './mailbox.repository.js';
import { isRecipientRefused, Mailer } from './mailer.js';
import { RecipientsRepository } from './recipients.repository.js';
import { renderMail } from './render-mail.js';
import { templates, type Template } from './templates.js';

/** Works the mail queue: finds out whom a mail goes to, makes its token, sends it. */
@Injectable()
export class DeliverMail implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly mailer: Mailer,
    private readonly address: AddressMail,
    private readonly recipients: RecipientsRepository,
    private readonly tokens: IssueOneTimeToken,
    private readonly links: LinkBase,
    private readonly mailbox: MailboxRepository,
    private readonly audit: RecordAudit,
    @Inject(authConfig.KEY) private readonly config: AuthConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.work<MailJob>(MAIL_QUEUE, (job) => this.deliver(job), MAIL_PATIENCE);
    if (this.drops) authTelemetry.mailIsOff();
  }

  /** In production nobody may read the mails of others, least of all links for their accounts. */
  private get drops(): boolean {
    return !this.mailer.sends && process.env['NODE_ENV'] === 'production';
  }

  /** A delivery that fails is the job's to try again. */
  private async deliver(job: MailJob): Promise<void> {
    const { template: name } = job;
    if (this.drops) return authTelemetry.mailUnsent(name, 'no_mail_server');
    const addressed = await this.address.execute(job);
    if (typeof addressed === 'string') return authTelemetry.mailUnsent(name, addressed);
    // The same at each attempt of the same job.
    const id = requestContext()?.requestId ?? '';
    const template: Template = templates[name];
    if (template.paced && !(await this.claim(job, template, addressed, id)))
      return authTelemetry.mailUnsent(name, 'sent_within_a_minute');
    try {
      await this.send(job, template, addressed, id);
      authTelemetry.mailSent(name, !this.mailer.sends);
      if (template.event) await this.record(job, template.event, addressed);
    } catch (error) {
      // Anyone may register with an address that does not exist.
      if (!isRecipientRefused(error)) throw error;
      authTelemetry.mailUnsent(name, 'recipient_refused');
    }
  }

  private claim(
    { template }: MailJob,
    { paced }: Template,
    { account, to }: Addressed,
    id: string,
  ): Promise<boolean> {
    const email = paced === 'address' ? to : undefined;
    return this.recipients.claim({ userId: account.id, template, email }, id);
  }

  /** Only here it is known whose account the request was about. */
  private record(
    { tenantId, occasion }: MailJob,
    event: AuditEventName,
    { account }: Addressed,
  ): Promise<void> {
    return this.audit.ofJob({ event, tenantId, subjectId: account.id }, occasion);
  }

  private async send(
    { occasion }: MailJob,
    template: Template,
    { account, to }: Addressed,
    id: string,
  ): Promise<void> {
    const username = account.verified ? account.username : undefined;
    const url = await this.linkOf(template, account.id, to);
    const { deletedDays } = this.config;
    const contents = { deletedDays, username, isDeleted: account.deleted, url };
    const mail = renderMail(template, occasion, contents);
    if (this.mailer.sends) await this.mailer.send(to, mail, id);
    else await this.mailbox.keep(to, mail.subject, mail.text);
  }

  /** In the fragment, which browsers keep to themselves: no server and no log sees the token. */
  private async linkOf(
    { link }: Template,
    userId: string,
    to: string,
  ): Promise<string | undefined> {
    if (!link) return undefined;
    const base = await this.links.url();
    const token = await this.tokens.execute(userId, link.purpose, to);
    return `${base}/${link.page}#token=${token}`;
  }
}
