import type { Rule } from './rule.ts';
import { composition } from './rules/composition.ts';
import { contractsImportTypes } from './rules/contracts-import-types.ts';
import { contractsOnly } from './rules/contracts-only.ts';
import { entitiesStayHome } from './rules/entities-stay-home.ts';
import { filePlaces } from './rules/file-places.ts';
import { fileSize } from './rules/file-size.ts';
import { floors } from './rules/floors.ts';
import { idempotentWrites } from './rules/idempotent-writes.ts';
import { moduleReadme } from './rules/module-readme.ts';
import { noBarrels } from './rules/no-barrels.ts';
import { noCycles } from './rules/no-cycles.ts';
import { noForwardRef } from './rules/no-forward-ref.ts';
import { ownSchema } from './rules/own-schema.ts';
import { plainAreas } from './rules/plain-areas.ts';
import { routeAccess } from './rules/route-access.ts';
import { routeLimits } from './rules/route-limits.ts';
import { statementNames } from './rules/statement-names.ts';

/** Every rule, under the name of its file and of the folder of its fixtures. */
export const everyRule: Record<string, Rule> = {
  composition: composition,
  'contracts-import-types': contractsImportTypes,
  'contracts-only': contractsOnly,
  'entities-stay-home': entitiesStayHome,
  'file-places': filePlaces,
  'file-size': fileSize,
  floors: floors,
  'idempotent-writes': idempotentWrites,
  'module-readme': moduleReadme,
  'no-barrels': noBarrels,
  'no-cycles': noCycles,
  'no-forward-ref': noForwardRef,
  'own-schema': ownSchema,
  'plain-areas': plainAreas,
  'route-access': routeAccess,
  'route-limits': routeLimits,
  'statement-names': statementNames,
};
