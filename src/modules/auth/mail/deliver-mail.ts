import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { authTelemetry } from '../auth.telemetry.js';
import { Mailer } from './mailer.js';
import { MAIL_PATIENCE, MAIL_QUEUE, type Mail } from './templates.js';

/** Works the mail queue. */
@Injectable()
export class DeliverMail implements OnApplicationBootstrap {
  constructor(
    private readonly jobs: Jobs,
    private readonly mailer: Mailer,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.work<Mail>(MAIL_QUEUE, (mail) => this.deliver(mail), MAIL_PATIENCE);
  }

  /** A delivery that fails is the job's to try again. */
  private async deliver(mail: Mail): Promise<void> {
    await this.mailer.send(mail);
    authTelemetry.mailSent(mail.template, !this.mailer.sends);
  }
}
