// Simulated time: a queue of events that are worked off one by one in the order of their times. Real
// work (a query) is done within an event while everything else stands still, so that one seed is one
// history, however fast the machine is.

import { setImmediate } from 'node:timers/promises';

export type Action = () => void | Promise<void>;

export interface Time {
  nowMs(): number;
  after(delayMs: number, action: Action): void;
  /** Ends the history: what runs beside the events has broken a rule. */
  fail(error: unknown): void;
  /** Works off events until there are none before `untilMs`; throws what it was failed with. */
  run(untilMs: number): Promise<void>;
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly action: Action;
}

export function createTime(): Time {
  const heap: Event[] = [];
  let nowMs = 0;
  let failure: { readonly error: unknown } | undefined;
  let order = 0;

  function push(event: Event): void {
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  function pop(): Event | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  return {
    nowMs: () => nowMs,
    fail(error) {
      failure ??= { error };
    },
    after: (delayMs, action) => push({ atMs: nowMs + delayMs, order: order++, action }),
    async run(untilMs) {
      while (heap[0] && heap[0].atMs <= untilMs) {
        const event = pop()!;
        nowMs = event.atMs;
        await event.action();
        // Whatever the event has resolved runs to its end before the next one.
        await setImmediate();
        if (failure) throw failure.error;
      }
      nowMs = Math.max(nowMs, untilMs);
    },
  };
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
