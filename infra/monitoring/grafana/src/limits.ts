/** Where a panel turns yellow and red. */
export interface Limits {
  mode: 'absolute';
  steps: { color: string; value: number | null }[];
}

/** High is bad: yellow from `warn`, red from `alarm`, which is where the alert of the same name rings. */
export const above = (warn: number, alarm: number): Limits =>
  steps('green', [warn, 'yellow'], [alarm, 'red']);

/** Low is bad: red below `alarm`, yellow below `warn`. */
export const below = (warn: number, alarm: number): Limits =>
  warn === alarm
    ? steps('red', [alarm, 'green'])
    : steps('red', [alarm, 'yellow'], [warn, 'green']);

/** Nothing is good or bad. */
export const none: Limits = { mode: 'absolute', steps: [{ color: 'blue', value: null }] };

function steps(base: string, ...from: [number, string][]): Limits {
  const later = from.map(([value, color]) => ({ color, value }));
  return { mode: 'absolute', steps: [{ color: base, value: null }, ...later] };
}
