// Spans of time in the fewest words that a reader needs.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function relativeTime(thenMs: number, atMs: number): string {
  const age = atMs - thenMs;
  if (age < 5 * SECOND) return 'just now';
  if (age < MINUTE) return `${Math.floor(age / SECOND)} s ago`;
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`;
  if (age < 30 * DAY) return `${Math.floor(age / DAY)} d ago`;
  return new Date(thenMs).toLocaleDateString(undefined, { dateStyle: 'medium' });
}

/** Rounded up, so that nothing is promised earlier than it comes. */
export function remainingTime(thenMs: number, atMs: number): string {
  const left = thenMs - atMs;
  if (left <= 0) return 'now';
  if (left <= MINUTE) return `in ${Math.ceil(left / SECOND)} s`;
  if (left <= HOUR) return `in ${Math.ceil(left / MINUTE)} min`;
  if (left <= 2 * DAY) return `in ${Math.ceil(left / HOUR)} h`;
  return `in ${Math.ceil(left / DAY)} d`;
}
