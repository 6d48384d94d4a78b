// What the stand-ins say in the suites of both SDKs: every token class of each protocol is non-zero
// somewhere, and no two counts are alike, so that no class can pass for another.

import type { Turn } from './turns.ts';

const CALLS = [
  { id: 'call_a', name: 'weather', input: { city: 'Köln', days: 3, units: ['°C', '"F"'] } },
  { id: 'call_b', name: 'clock', input: {} },
];
const TEXT = 'Es regnet in Köln. 🌧 Nimm einen Schirm mit!';

/** A turn of text and a turn of two parallel calls. */
export interface Turns {
  readonly text: Turn & { readonly text: string };
  readonly calls: Turn & Required<Pick<Turn, 'calls'>>;
}

export const TURNS: Readonly<Record<'chat' | 'messages', Turns>> = {
  chat: {
    text: {
      text: TEXT,
      spent: { uncached: 211, cacheRead: 128, written: 67, text: 23, reasoning: 41 },
    },
    calls: { calls: CALLS, spent: { uncached: 307, cacheRead: 256, text: 37 } },
  },
  messages: {
    text: {
      text: TEXT,
      spent: {
        uncached: 109,
        cacheRead: 251,
        written5m: 53,
        written1h: 31,
        text: 29,
        reasoning: 17,
      },
    },
    calls: { calls: CALLS, spent: { uncached: 331, written5m: 77, text: 43 } },
  },
};

export const TOOL_SCHEMA = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
};

/** A PNG of one pixel. */
export const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
