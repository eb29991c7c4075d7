/** How numbers and times are written. */

const dash = '–';

/** A count or a rate: 1,234 or 12.3 or 0.4. */
export function amount(value) {
  if (value == null) return dash;
  const digits = value !== 0 && Math.abs(value) < 100 && !Number.isInteger(value) ? 1 : 0;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

/** A duration of a request, given in seconds: 0.8 ms, 12 ms, 1.2 s. */
export function latency(seconds) {
  if (seconds == null) return dash;
  const ms = seconds * 1000;
  if (ms >= 1000) return `${seconds.toLocaleString('en', { maximumFractionDigits: 2 })} s`;
  return `${ms.toLocaleString('en', { maximumFractionDigits: ms < 10 ? 1 : 0 })} ms`;
}

export function share(part) {
  if (part == null) return dash;
  return `${(part * 100).toLocaleString('en', { maximumFractionDigits: part < 0.1 ? 1 : 0 })} %`;
}

export function megabytes(bytes) {
  return bytes == null ? dash : `${Math.round(bytes / 1_048_576).toLocaleString('en')} MB`;
}

/** How long something lasts: 12 s, 5 min, 3 h 5 min, 2 d 4 h. */
export function lasting(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 60) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min`;
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The time of day, with the date where it was not today. */
export function clock(text) {
  const time = new Date(text);
  const hours = time.toLocaleTimeString('en-GB');
  return time.toDateString() === new Date().toDateString()
    ? hours
    : `${time.toLocaleDateString('en-CA')} ${hours}`;
}

/** Since when, and how long that is: `03:12:45 · 12 min`. */
export function since(text, now) {
  return `${clock(text)} · ${lasting(Date.parse(now) - Date.parse(text))}`;
}
