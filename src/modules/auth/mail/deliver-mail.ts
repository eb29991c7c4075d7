import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { authTelemetry } from '../auth.telemetry.js';
import { mailConfig, type MailConfig } from './mail.config.js';
import { MAIL_QUEUE, templates, type Mail } from './templates.js';

/** Works the mail queue. */
@Injectable()
export class DeliverMail implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    @Inject(mailConfig.KEY) private readonly config: MailConfig,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.work<Mail>(MAIL_QUEUE, (mail) => this.deliver(mail));
  }

  private async deliver({ to, template }: Mail): Promise<void> {
    const { smtpUrl, from } = this.config;
    if (smtpUrl) await createTransport(smtpUrl).sendMail({ from, to, ...templates[template] });
    authTelemetry.mailSent(template, smtpUrl === undefined);
  }
}
