import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { Jobs } from '../../../platform/jobs/jobs.js';
import { MAIL_PATIENCE, MAIL_QUEUE, type Mail } from './templates.js';

/** Sends mail through a job: it goes out exactly when the transaction that caused it commits. */
@Injectable()
export class SendMail implements OnApplicationBootstrap {
  constructor(private readonly jobs: Jobs) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.declare(MAIL_QUEUE, MAIL_PATIENCE);
  }

  enqueue(tx: Tx, mail: Mail): Promise<void> {
    return this.jobs.enqueue(tx, MAIL_QUEUE, mail);
  }
}
