// What a job is, and when one is due. A due time is a moment of a fixed grid in UTC, so all nodes
// name the same one whenever they look; the newest one alone is due, and missed ones are not made up.

export interface Job {
  /** Lower-case words with hyphens. */
  readonly name: string;
  /** The newest due time at or before this moment; both in milliseconds of the epoch. */
  dueMs(wallMs: number): number;
  /** Does the work of one due time. The signal says that it is to end early, by a throw. */
  run(signal: AbortSignal): Promise<unknown>;
}

const DAY_MS = 86_400_000;

/** Due once a day at this time of UTC. */
export function dailyAt(hours: number, minutes: number): Job['dueMs'] {
  const offsetMs = (hours * 60 + minutes) * 60_000;
  return (wallMs) => Math.floor((wallMs - offsetMs) / DAY_MS) * DAY_MS + offsetMs;
}

/** Due at every multiple of the interval since the epoch. */
export function every(intervalMs: number): Job['dueMs'] {
  return (wallMs) => Math.floor(wallMs / intervalMs) * intervalMs;
}
