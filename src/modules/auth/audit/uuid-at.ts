/** The smallest UUIDv7 of a moment: ids of lines compare with it as their times do. */
export function uuidAt(milliseconds: number): string {
  const bounded = Math.min(Math.max(Math.trunc(milliseconds), 0), 2 ** 48 - 1);
  const hex = bounded.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
