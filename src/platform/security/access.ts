import { SetMetadata, applyDecorators } from '@nestjs/common';
import {
  ApiBasicAuth,
  ApiBearerAuth,
  ApiCookieAuth,
  ApiExtension,
  ApiSecurity,
} from '@nestjs/swagger';
import { ApiProblems } from '../http/api-problems.js';
import type { Permission } from './permissions.js';

/** Who may call a route; a route without it is refused by the guard and by `npm run test:arch`. */
export type Access =
  | { kind: 'public' }
  | { kind: 'permission'; permission: Permission }
  | { kind: 'internal' }
  | { kind: 'ops'; permission: 'ops:manage' };

export const ACCESS = 'mainstay:access';

/** Where the API document says it: `public`, `internal`, or the permission that is asked for. */
const IN_DOCUMENT = 'x-permission';

/** The way in of operators, as the API document names it. */
export const INTERNAL_KEY_AUTH = 'internalKey';

/** Anyone may call it. A token is not needed, but one that is sent must be valid. */
export const Public = (): ClassDecorator & MethodDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, { kind: 'public' } satisfies Access),
    ApiExtension(IN_DOCUMENT, 'public'),
  );

/** Only internal addresses (`security.internalCidrs`); to all others the route does not exist. */
export const InternalOnly = (): ClassDecorator & MethodDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, { kind: 'internal' } satisfies Access),
    ApiExtension(IN_DOCUMENT, 'internal'),
    ApiProblems(404),
  );

/**
 * A route of operators, under `ops/` or `console/`: for internal addresses, as above, and of those for
 * who has the permission `ops:manage`, by an internal key or by the token of an account. Browsers send
 * either as the password of HTTP Basic.
 */
export const Ops = (): ClassDecorator & MethodDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, { kind: 'ops', permission: 'ops:manage' } satisfies Access),
    ApiExtension(IN_DOCUMENT, 'ops:manage'),
    ApiBearerAuth(),
    ApiSecurity(INTERNAL_KEY_AUTH),
    ApiBasicAuth(),
    ApiProblems(403, 404),
  );

/** The caller needs this permission. */
export const RequirePermission = (permission: Permission): ClassDecorator & MethodDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, { kind: 'permission', permission } satisfies Access),
    ApiExtension(IN_DOCUMENT, permission),
    ApiBearerAuth(),
    ApiCookieAuth(),
    ApiProblems(403),
  );
