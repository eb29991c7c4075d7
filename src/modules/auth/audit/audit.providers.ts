import { AuditController } from './audit.controller.js';
import { AuditRepository, PgAuditRepository } from './audit.repository.js';
import { ListAudit } from './list-audit.js';
import { ListOwnHistory } from './list-own-history.js';
import { PruneAudit } from './prune-audit.js';
import { RecordAudit } from './record-audit.js';

/** The audit log: written wherever something happens, read where auth serves. */
export const audit = {
  controllers: [AuditController],
  both: [{ provide: AuditRepository, useClass: PgAuditRepository }, RecordAudit],
  serving: [ListAudit, ListOwnHistory],
  working: [PruneAudit],
};
