import { ApiHeader } from '@nestjs/swagger';

/** Says in the API document that a route without a token may name a tenant. */
export const TenantHeader = (): MethodDecorator =>
  ApiHeader({
    name: 'X-Tenant',
    required: false,
    description: 'An existing tenant; `default` without it.',
  });
