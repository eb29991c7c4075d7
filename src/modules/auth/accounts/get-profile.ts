import { Injectable } from '@nestjs/common';
import type { PublicProfile } from './account.schemas.js';
import { AccountsRepository } from './accounts.repository.js';
import { presentPublic } from './present-account.js';

/** The public profile behind a user name; undefined when there is no such account in the tenant. */
@Injectable()
export class GetProfile {
  constructor(private readonly accounts: AccountsRepository) {}

  async execute(tenantId: string, username: string): Promise<PublicProfile | undefined> {
    const account = await this.accounts.findByUsername(tenantId, username);
    return account && presentPublic(account);
  }
}
