import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import type { Principal } from '../../../platform/security/principal.js';
import { RecordAudit } from '../audit/record-audit.js';
import { BeginFlow, type Begun } from './begin-flow.js';

/** Begins to link an account elsewhere to the caller's own. */
@Injectable()
export class BeginLink {
  constructor(
    private readonly database: Database,
    private readonly flows: BeginFlow,
    private readonly audit: RecordAudit,
  ) {}

  /** @throws what `BeginFlow` throws */
  async execute(caller: Principal, provider: string, returnTo: string | undefined): Promise<Begun> {
    const { tenantId, userId, sessionId } = caller;
    const link = { userId, sessionId };
    const begun = await this.flows.execute(provider, { tenantId, returnTo, link });
    const event = { event: 'identity.link_requested', subjectId: userId } as const;
    return this.database.transaction((tx) => {
      this.audit.execute(tx, { ...event, tenantId, sessionId, detail: { provider } });
      // What the transaction gives is kept with the idempotency key: a repeat gets this flow, not another one.
      return Promise.resolve(begun);
    });
  }
}
