import { at, type Rule, type Violation } from '../rule.ts';
import { isUnderApi, routesOf, type Route } from '../source/routes.ts';

const LIMIT = 'platform/throttling/limit.ts';

/**
 * Every route has a limit policy. All under `api/` have the general ones by themselves, and none of
 * them may be @Unlimited; every other route says @Limit or @Unlimited, on the method or its class.
 * To tell them apart, paths are written as text.
 */
export const routeLimits: Rule = (tree) => routesOf(tree).flatMap(judge);

function judge(route: Route): Violation[] {
  const { file, method, label, paths, controlled } = route;
  if (!controlled) return []; // route-access.ts says so
  if (!paths)
    return [
      at(file, method, `${label} computes its path: write it as text, here and in @Controller.`),
    ];
  const [own, shared] = [policyOf(route.marks.method), policyOf(route.marks.class)];
  const policy = own ?? shared;
  if (paths.every(isUnderApi)) {
    if (policy !== 'Unlimited') return [];
    return [
      at(
        file,
        method,
        `${label} is under api/ and @Unlimited: remove the mark, or raise a policy in limits.config.ts.`,
      ),
    ];
  }
  if (policy) return [];
  return [
    at(
      file,
      method,
      `${label} has no limit policy, for it is not under api/: add @Limit, or @Unlimited to what must always answer.`,
    ),
  ];
}

function policyOf(marks: Route['marks']['method']): string | undefined {
  return marks.find(
    ({ from, name }) => from === LIMIT && (name === 'Limit' || name === 'Unlimited'),
  )?.name;
}
