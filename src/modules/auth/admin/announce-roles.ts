import { Injectable } from '@nestjs/common';
import type { Tx } from '../../../platform/database/transaction.js';
import { AnnounceRevocations } from '../sessions/announce-revocations.js';
import { RevocationsRepository } from '../sessions/revocations.repository.js';

/** The longest life that a token can be given, and a minute: more than any two clocks differ. */
const LONGEST_TOKEN_SECONDS = 86_400 + 60;

/** Makes tokens that are under way say the roles of now, within seconds in every process. */
@Injectable()
export class AnnounceRoles {
  constructor(
    private readonly revocations: RevocationsRepository,
    private readonly announce: AnnounceRevocations,
  ) {}

  async execute(tx: Tx, userId: string, roles: readonly string[]): Promise<void> {
    await this.revocations.insert(tx, 'roles', [userId], LONGEST_TOKEN_SECONDS, roles);
    this.announce.execute(tx);
  }
}
