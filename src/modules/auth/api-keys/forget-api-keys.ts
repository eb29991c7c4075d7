import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { AnnounceRevocations } from '../sessions/announce-revocations.js';
import { RevocationsRepository } from '../sessions/revocations.repository.js';

/** Longer than any process is cut off from auth: sockets that a key opened live as long as the key. */
const REMEMBERED_SECONDS = 86_400;

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
