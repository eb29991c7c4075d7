import { SetMetadata, type CustomDecorator } from '@nestjs/common';

/** The named policies of `limits.*`; every `/api` route is under `api`, `hourly` and, if it writes, `writes`. */
export type RoutePolicy = 'auth' | 'refresh' | 'search';

export const LIMIT = 'mainstay:limit';

/** Puts a route under a policy of its own, beside the general ones. */
export const Limit = (policy: RoutePolicy): CustomDecorator => SetMetadata(LIMIT, policy);

/** For what must always answer: probes, metrics, error pages, public keys. */
export const Unlimited = (): CustomDecorator => SetMetadata(LIMIT, 'none');
