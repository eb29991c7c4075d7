import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { Bus } from '../../../platform/messaging/bus.js';
import { Revocations } from '../../../platform/security/revocations.js';
import { authTelemetry } from '../auth.telemetry.js';

/** Tells every process, with the commit, to read what was revoked; this one has read it before it answers. */
@Injectable()
export class AnnounceRevocations {
  constructor(
    private readonly bus: Bus,
    private readonly revocations: Revocations,
  ) {}

  execute(tx: Tx): void {
    this.bus.announce({ topic: 'revocations' }, tx);
    tx.onCommitted(async () => {
      try {
        await this.revocations.catchUp();
      } catch (error) {
        authTelemetry.revocationsNotRead(error); // its loop reads them within seconds
      }
    });
  }
}
