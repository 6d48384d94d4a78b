// Sends answers at a steady pace. Chunks are written in batches every few milliseconds, since a
// timer per token would cost more than the tokens; a slow reader stops the writing, and a client
// that leaves ends it at the next wait.

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../base/clock.ts';
import type { StreamParts } from './wire.ts';

const FIRST_BYTE_MS = 5;
const DEFAULT_PACE_MS = 1;
const TICK_MS = 5;
const MAX_BATCH_STEPS = 256;

/** Waits as long as the model "thinks" before a whole answer. Rejects when `gone` aborts. */
export async function waitWhole(
  tokens: number,
  askedPaceMs: number | undefined,
  gone: AbortSignal,
): Promise<void> {
  await wait(FIRST_BYTE_MS + tokens * (askedPaceMs ?? 0), undefined, { signal: gone });
}

/**
 * Writes the stream's head and its first `steps` steps, and returns when all of it is handed to
 * the socket. Rejects when `gone` aborts; nothing is written after that.
 */
export async function writeSteps(
  response: ServerResponse,
  parts: StreamParts,
  options: { readonly steps: number; readonly askedPaceMs: number | undefined },
  gone: AbortSignal,
): Promise<void> {
  const paceMs = options.askedPaceMs ?? DEFAULT_PACE_MS;
  await wait(FIRST_BYTE_MS, undefined, { signal: gone });
  const startMs = systemClock.monotonicMs();
  await write(response, parts.head, gone);
  for (let sent = 0; sent < options.steps; ) {
    const elapsedMs = systemClock.monotonicMs() - startMs;
    const due = paceMs === 0 ? options.steps : Math.min(options.steps, elapsedMs / paceMs);
    const end = Math.min(Math.floor(due), sent + MAX_BATCH_STEPS);
    let batch = '';
    while (sent < end) batch += parts.step(sent++);
    if (batch !== '') await write(response, batch, gone);
    if (end === Math.floor(due) && sent < options.steps) {
      await wait(Math.max(TICK_MS, paceMs), undefined, { signal: gone });
    }
  }
}

async function write(response: ServerResponse, text: string, gone: AbortSignal): Promise<void> {
  gone.throwIfAborted();
  if (!response.write(text)) await once(response, 'drain', { signal: gone });
}
