/** Where a file stands, read from its path. */

/** From the ground up; arrows point down. */
const floors = ['platform', 'modules', 'app', 'entrypoints'] as const;
export type Floor = (typeof floors)[number];

/** From the ground up; a module that is not named here stands above all that are. */
const storeys = ['auth', 'posts', 'realtime'];

export function floorOf(path: string): Floor | undefined {
  if (path === 'main.ts') return 'entrypoints';
  return floors.find((floor) => path.startsWith(`${floor}/`));
}

export function heightOf(floor: Floor): number {
  return floors.indexOf(floor);
}

/** The feature module that a file belongs to. */
export function moduleOf(path: string): string | undefined {
  return /^modules\/([^/]+)\//.exec(path)?.[1];
}

export function storeyOf(module: string): number {
  const storey = storeys.indexOf(module);
  return storey === -1 ? storeys.length : storey;
}

/** The folder of a module that a file stands in; undefined for the module's own files. */
export function areaOf(path: string): string | undefined {
  return /^modules\/[^/]+\/([^/]+)\//.exec(path)?.[1];
}

/** `repository` of `posts.repository.ts`; undefined where the name states no kind. */
export function kindOf(path: string): string | undefined {
  return /^[^.]+\.([^/]+)\.ts$/.exec(path.slice(path.lastIndexOf('/') + 1))?.[1];
}

export const isContract = (path: string): boolean =>
  path.startsWith('modules/') && kindOf(path) === 'contract';
