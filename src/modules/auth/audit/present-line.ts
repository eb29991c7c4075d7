import type { AuditRow } from './audit.repository.js';
import type { AuditLine } from './audit.schemas.js';

export function presentLine(line: AuditRow): AuditLine {
  const { id, at, event, result, actorId, subjectId, sessionId } = line;
  const { ip, device, requestId, detail } = line;
  return {
    ...{ id, at: at.toISOString(), event, result, actorId, subjectId, sessionId },
    ...{ ip, device, requestId, detail },
  };
}
