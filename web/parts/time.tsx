// Moments: relative for the eye, absolute in local time and UTC on hover. One clock ticks for all
// of them, and only while one is on the page.

import { useSyncExternalStore } from 'react';
import { relativeTime, remainingTime } from './time-words.ts';

const TICK_MS = 5_000;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let nowMs = Date.now();

/** A moment such as `3 min ago`; `iso` is ISO 8601 in UTC. */
export function Moment({ iso }: { iso: string }) {
  const now = useSyncExternalStore(subscribe, () => nowMs);
  return (
    <time dateTime={iso} title={absoluteTime(iso)}>
      {relativeTime(Date.parse(iso), Math.max(now, Date.parse(iso)))}
    </time>
  );
}

/** A moment that comes, such as `in 5 h`. */
export function ComingMoment({ iso }: { iso: string }) {
  const now = useSyncExternalStore(subscribe, () => nowMs);
  return (
    <time dateTime={iso} title={absoluteTime(iso)}>
      {remainingTime(Date.parse(iso), now)}
    </time>
  );
}

/** A moment to the second in UTC, for receipts; local time on hover. */
export function ExactMoment({ iso }: { iso: string }) {
  return (
    <time dateTime={iso} title={absoluteTime(iso)} className="mono">
      {utcTime(iso)}
    </time>
  );
}

/** Local time and UTC, to the second. */
export function absoluteTime(iso: string): string {
  const local = new Date(iso).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'medium',
  });
  return `${local} local time\n${utcTime(iso)}`;
}

function utcTime(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  nowMs = Date.now();
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}
