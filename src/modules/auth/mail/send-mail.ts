import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { requestContext } from '../../../platform/observability/request-context.js';
import { MAIL_PATIENCE, MAIL_QUEUE, type Mail, type MailJob } from './mail-job.js';

/** Sends mail through a job: it goes out exactly when the transaction that caused it commits. */
@Injectable()
export class SendMail implements OnApplicationBootstrap {
  constructor(private readonly jobs: Jobs) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.declare(MAIL_QUEUE, MAIL_PATIENCE);
  }

  /** When it was caused, and from where, is taken from the request at hand. */
  enqueue(tx: Tx, mail: Mail): Promise<void> {
    const work = requestContext();
    const origin = work?.origin?.();
    const job: MailJob = {
      ...mail,
      occasion: {
        at: new Date().toISOString(),
        ip: origin?.ip ?? null,
        device: origin?.device ?? null,
        sessionId: work?.principal?.sessionId ?? null,
      },
    };
    return this.jobs.enqueue(tx, MAIL_QUEUE, job);
  }
}
