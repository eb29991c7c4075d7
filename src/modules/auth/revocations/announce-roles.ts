import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { AnnounceRevocations } from './announce-revocations.js';
import { REVOCATION_SECONDS, RevocationsRepository } from './revocations.repository.js';

/** Makes tokens that are under way say the roles of now, within seconds in every process. */
@Injectable()
export class AnnounceRoles {
  constructor(
    private readonly revocations: RevocationsRepository,
    private readonly announce: AnnounceRevocations,
  ) {}

  async execute(tx: Tx, userId: string, roles: readonly string[]): Promise<void> {
    await this.revocations.insert(tx, 'roles', [userId], REVOCATION_SECONDS, roles);
    this.announce.execute(tx);
  }
}
