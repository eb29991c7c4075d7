import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { SendMail } from '../mail/send-mail.js';

/**
 * Mails a link for a new password to the owner of an address. Whether it has one is only looked up by
 * the job that sends the mail, so the request does the same work for every address. That job writes the
 * line of the audit log too.
 */
@Injectable()
export class RequestPasswordReset {
  constructor(
    private readonly database: Database,
    private readonly mail: SendMail,
  ) {}

  async execute(tenantId: string, email: string): Promise<void> {
    await this.database.transaction((tx) =>
      this.mail.enqueue(tx, { template: 'password-reset', tenantId, email }),
    );
  }
}
