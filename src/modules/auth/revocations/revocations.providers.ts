import { AnnounceRevocations } from './announce-revocations.js';
import { AnnounceRoles } from './announce-roles.js';
import { ForgetApiKeys } from './forget-api-keys.js';
import { PgRevocationsRepository, RevocationsRepository } from './revocations.repository.js';

/** What every process is told before tokens and keys under way end by themselves. */
export const revocations = {
  both: [
    { provide: RevocationsRepository, useClass: PgRevocationsRepository },
    AnnounceRevocations,
    AnnounceRoles,
    ForgetApiKeys,
  ],
};
