import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { AnnounceRevocations } from '../sessions/announce-revocations.js';
import { RevocationsRepository } from '../sessions/revocations.repository.js';

/** No process remembers a key for so long without asking again. */
const REMEMBERED_SECONDS = 120;

/** Makes every process forget what it remembers of API keys. Whether they still work is in their rows. */
@Injectable()
export class ForgetApiKeys {
  constructor(
    private readonly revocations: RevocationsRepository,
    private readonly announce: AnnounceRevocations,
  ) {}

  async execute(tx: Tx, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.revocations.insert(tx, 'session', ids, REMEMBERED_SECONDS);
    this.announce.execute(tx);
  }
}
