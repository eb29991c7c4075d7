import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods that some route takes on this path; empty when there is no such path. */
    allowedMethods(path: string): string[];
  }
}

/**
 * Remembers every route as it is added, to tell «no such path» (404) from «not with this method»
 * (405 with `Allow`). Consulted only when nothing matched.
 */
export function rememberRoutes(fastify: FastifyInstance): void {
  const routes: { pattern: RegExp; methods: string[] }[] = [];
  fastify.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const pattern = new RegExp(
      `^${url.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/:[A-Za-z]+/g, '[^/]+')}$`,
    );
    routes.push({ pattern, methods: Array.isArray(method) ? method : [method] });
  });
  fastify.decorate('allowedMethods', (path: string) => {
    const methods = routes
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  });
}
