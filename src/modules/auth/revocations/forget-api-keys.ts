import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { AnnounceRevocations } from './announce-revocations.js';
import { REVOCATION_SECONDS, RevocationsRepository } from './revocations.repository.js';

/**
 * Makes every process forget what it remembers of API keys, and close the sockets that they opened. Whether
 * they still work is in their rows.
 */
@Injectable()
export class ForgetApiKeys {
  constructor(
    private readonly revocations: RevocationsRepository,
    private readonly announce: AnnounceRevocations,
  ) {}

  async execute(tx: Tx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.revocations.insert(tx, 'session', ids, REVOCATION_SECONDS);
    this.announce.execute(tx);
  }
}
