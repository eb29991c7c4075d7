import { at, type Rule } from '../rule.ts';
import { areaOf, kindOf } from '../source/layout.ts';

/** Who says what a request was or asked for may be read anywhere; it logs and measures nothing. */
const harmless = 'platform/observability/request-context.ts';
const caches = /^platform\/(cache|redis)\//;
const watchers = /^platform\/(error-tracking|logging|metrics|observability|resilience|tracing)\//;
const watchPackages =
  /^(pino|pino-http|nestjs-pino|prom-client|@willsoto\/nestjs-prometheus|@opentelemetry\/.+|cockatiel)$/;
const cachePackages =
  /^(lru-cache|cache-manager|cache-manager-.+|keyv|@keyv\/.+|@cacheable\/.+|ioredis|redis)$/;

/**
 * Feature code does not mention what is attached around it. No file in an area of a module (use cases,
 * controllers, repositories and what helps them; tests are free) imports, types included,
 *
 * - caches: platform/cache, platform/redis, or the packages behind them, except a `<noun>.cache.ts`;
 * - loggers, metrics, tracing, breakers: platform/{logging,metrics,tracing,error-tracking,resilience},
 *   platform/observability (but for its request context), or the packages behind them.
 *
 * A use case counts and logs through its module's `<module>.telemetry.ts`; caches and breakers are
 * wrapped around repositories and contracts in `<module>.module.ts`.
 */
export const plainAreas: Rule = (tree) =>
  tree.sources
    .filter(({ path }) => areaOf(path) !== undefined)
    .flatMap((file) =>
      file.imports
        .filter(({ target, specifier }) => {
          if (target === harmless) return false;
          const isCacheFile = kindOf(file.path) === 'cache';
          const watches = watchers.test(target ?? '') || watchPackages.test(specifier);
          const keeps = caches.test(target ?? '') || cachePackages.test(specifier);
          return watches || (keeps && !isCacheFile);
        })
        .map(({ node, target = '', specifier }) =>
          at(
            file,
            node,
            caches.test(target) || cachePackages.test(specifier)
              ? `imports ${target || specifier} into feature code: put the cache into <noun>.cache.ts or <module>.cache.ts, and wrap it around in the module file.`
              : `imports ${target || specifier} into feature code: count and log through the module's telemetry file, guard in the module file.`,
          ),
        ),
    );
