import type { Rule } from '../rule.ts';

const platformAreas = [
  ...['cache', 'config', 'console', 'database', 'error-tracking', 'errors', 'flags', 'health'],
  ...['http', 'idempotency', 'jobs', 'lifecycle', 'logging', 'messaging', 'metrics'],
  ...['observability', 'resilience', 'redis', 'rpc', 'security', 'throttling', 'tracing'],
];
const moduleKinds = [
  ...['contract', 'client', 'rpc', 'module', 'config', 'flags', 'errors', 'telemetry', 'service'],
  'cache',
];
const areaKinds = [
  ...['controller', 'gateway', 'repository', 'cache', 'entity', 'schemas', 'config', 'providers'],
];

const name = '[a-z0-9]+(?:-[a-z0-9]+)*';
const spec = '(?:\\.spec)?\\.ts';
const places = [
  new RegExp(`^main\\.ts$`),
  new RegExp(`^entrypoints/${name}${spec}$`),
  new RegExp(`^app/(?:commands/)?${name}(?:\\.module)?${spec}$`),
  new RegExp(`^platform/(?:${platformAreas.join('|')})/${name}(?:\\.[a-z]+)?${spec}$`),
  new RegExp(`^(?:platform/console|modules/${name}/pages)/page/${name}\\.(?:html|css|js)$`),
  new RegExp(`^(?:platform/database|modules/${name})/migrations/\\d+-${name}\\.ts$`),
  new RegExp(`^modules/(${name})/\\1\\.(?:${moduleKinds.join('|')})${spec}$`),
  new RegExp(
    `^modules/${name}/(?!migrations/)${name}/${name}(?:\\.(?:${areaKinds.join('|')}))?${spec}$`,
  ),
  new RegExp(`^(?:.+/)?README\\.md$`),
];

/**
 * Every file of src/ stands in a known place: `main.ts`; `entrypoints/`; `app/` and `app/commands/`; one
 * of the platform's areas, and of the console's the files of its page; in `modules/<module>/` the
 * module's own files, named after it with a kind that is listed here, and below it one folder an area,
 * `<noun or verb>.ts` or with a kind; migrations as `<time>-<name>.ts`; files of pages in `pages/page/`. Tests stand beside what they test. Names are lower case with hyphens.
 */
export const filePlaces: Rule = (tree) =>
  [...tree.paths]
    .sort()
    .filter((path) => !places.some((place) => place.test(path)))
    .map((path) => ({ path, line: 1, sentence: advise(path) }));

function advise(path: string): string {
  const inModule = /^modules\/([^/]+)\/([^/]+\/)?/.exec(path);
  if (inModule?.[2] !== undefined)
    return `has no known place: in an area stand <verb>-<noun>.ts and <noun>.(${areaKinds.join('|')}).ts, and no folders.`;
  if (inModule)
    return `has no known place: of a module's own files there are ${inModule[1]}.(${moduleKinds.join('|')}).ts; all else stands in the folder of an area.`;
  if (path.startsWith('platform/'))
    return `has no known place: put it in one of the platform's areas (${platformAreas.join(', ')}), without folders in them.`;
  return 'has no known place: put it in platform/<area>, modules/<module>/<area>, app, app/commands or entrypoints.';
}
