import { known } from './known-metrics.js';

/*
 * What a PromQL expression mentions. A small reader, for the queries of our dashboards; whether they are
 * valid, Prometheus says.
 */

/** A metric where it is mentioned, without the suffix of a histogram. */
export interface Mention {
  metric: string;
  /** As it is written, e.g. with `_bucket`. */
  written: string;
  /** Labels in its braces. */
  labels: string[];
  /** The function around it, e.g. `rate`; empty when there is none. */
  inside: string;
}

const MENTION = /(?:\b(\w+)\()?\b([a-z]\w*)(\{[^}]*\})/g;
const GROUPING = /\b(?:by|on|ignoring|without|group_left|group_right)\s*\(([^)]*)\)/g;
const HISTOGRAM = /_(bucket|sum|count)$/;

const BARE = /\b[a-z]\w*_\w*\b(?!\s*[({])/g;

/** Every metric, with braces or bare: ours all have an underscore, and labels have none. */
export function mentions(expression: string): Mention[] {
  const text = expression.replace(/"(?:[^"\\]|\\.)*"/g, '""'); // what stands in quotes is no metric
  const braced = text.replace(BARE, '$&{}');
  return [...braced.matchAll(MENTION)].map(([, inside = '', written = '', braces = '']) => ({
    metric: written in known ? written : written.replace(HISTOGRAM, ''),
    written,
    labels: [...braces.matchAll(/(\w+)\s*[=!]/g)].map(([, label = '']) => label),
    inside,
  }));
}

/** Labels that a query groups or joins by. */
export const groupings = (expression: string): string[] =>
  [...expression.matchAll(GROUPING)]
    .flatMap(([, list = '']) => list.split(','))
    .map((label) => label.trim())
    .filter((label) => label !== '');

/** Labels in the name of a line or the text of an annotation: `{{route}}`. */
export const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = '']) => label);
