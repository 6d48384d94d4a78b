// The conversation that every client holds with every provider, once, in no protocol's words: what is
// asked and what is answered. Clients and providers are held to it from both ends.

import { PIXEL } from '../clients/cases.ts';
import type { Turn } from '../clients/turns.ts';

export const SYSTEM = 'Be brief.';
export const QUESTION = 'Wie ist das Wetter? 🌦';

/** A PNG of one pixel, in base64. */
export const IMAGE = PIXEL;

/** Of the answer, and of the first tool's arguments. */
export const SCHEMA = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const }, days: { type: 'integer' as const } },
  required: ['city', 'days'],
  additionalProperties: false,
};

export const TOOLS = [
  { name: 'weather', description: 'Tells the weather', schema: SCHEMA },
  {
    name: 'clock',
    description: 'Tells the time',
    schema: { type: 'object' as const, properties: { zone: { type: 'string' as const } } },
  },
];

/** What clients that count thinking in tokens ask for; it stands for a high effort. */
export const THINKING_BUDGET = 16_384;
export const EFFORT = 'high';
/** Above the budget, and low enough for SDKs that want a stream for long answers. */
export const MAX_TOKENS = 20_000;

const TEXT = 'Es regnet in Köln. 🌧 Nimm einen Schirm mit!';
const THINKING = { text: 'Wetter … Köln … 🌧', signature: 'EqQBCkYIBxgCKkBb+/Zq==' };
const WEATHER = { id: 'call_a', name: 'weather', input: { city: 'Köln', days: 3 } };
const CLOCK = { id: 'call_b', name: 'clock', input: { zone: 'Europe/Berlin, "MEZ"' } };

export type Script = Omit<Turn, 'spent'>;

export const SCRIPTS = {
  text: { text: TEXT },
  call: { calls: [WEATHER] },
  calls: { calls: [WEATHER, CLOCK] },
  schema: { text: JSON.stringify(WEATHER.input) },
  thinking: { thinking: THINKING, text: TEXT },
  thoughtfulCall: { thinking: THINKING, calls: [WEATHER] },
} satisfies Record<string, Script>;

export function resultOf(name: string): string {
  return `result of ${name}`;
}
