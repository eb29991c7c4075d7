import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Principal } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { SendMail } from '../mail/send-mail.js';

/** Mails the caller a link that proves their address; none when it is proved already. */
@Injectable()
export class RequestVerification {
  constructor(
    private readonly database: Database,
    private readonly mail: SendMail,
    private readonly audit: RecordAudit,
  ) {}

  async execute({ tenantId, userId }: Principal): Promise<void> {
    await this.database.transaction(async (tx) => {
      this.audit.execute(tx, {
        event: 'email.verification_requested',
        tenantId,
        subjectId: userId,
      });
      await this.mail.enqueue(tx, { template: 'email-verification', tenantId, userId });
    });
  }
}
