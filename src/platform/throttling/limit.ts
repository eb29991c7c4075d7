import { SetMetadata, type CustomDecorator } from '@nestjs/common';

/** The named policies of `limits.*`; every `/api` route is under `api`, `hourly` and, if it writes, `writes`. */
export type RoutePolicy = 'auth' | 'refresh' | 'search';

export const LIMIT = 'mainstay:limit';
export const ENDS_ACCESS = 'mainstay:ends-access';

/** Puts a route under a policy of its own, beside the general ones. */
export const Limit = (policy: RoutePolicy): CustomDecorator => SetMetadata(LIMIT, policy);

/**
 * For what ends sessions and keys: a session may always do so, however much was asked in the name of its
 * account. It is counted by the minute only, or whoever has stolen a key could keep its owner from revoking it.
 */
export const EndsAccess = (): CustomDecorator => SetMetadata(ENDS_ACCESS, true);

/** For what must always answer: probes, metrics, error pages, public keys. */
export const Unlimited = (): CustomDecorator => SetMetadata(LIMIT, 'none');
