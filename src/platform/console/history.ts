/** The lines of the plots: one number of each a second. */
export const lines = [
  ...['2xx', '3xx', '4xx', '5xx'],
  ...['p50', 'p95', 'p99', 'loopLateMs', 'cpu', 'rssBytes', 'heapBytes'],
] as const;
export type Line = (typeof lines)[number];

/** One moment; null where there is nothing to say, e.g. a percentile of no requests. */
export type Point = { at: number } & Record<Line, number | null>;

/** Columns, as they are drawn: `at` in Unix seconds. */
export type Columns = Record<Line | 'at', (number | null)[]>;

/** Five minutes. */
const MOST = 300;

/** The last five minutes, a point a second. */
export class History {
  private readonly points: Point[] = [];

  add(point: Point): void {
    this.points.push(point);
    if (this.points.length > MOST) this.points.shift();
  }

  get latest(): Point | null {
    return this.points.at(-1) ?? null;
  }

  columns(): Columns {
    return Object.fromEntries(
      (['at', ...lines] as const).map((line) => [line, this.points.map((point) => point[line])]),
    ) as Columns;
  }
}
