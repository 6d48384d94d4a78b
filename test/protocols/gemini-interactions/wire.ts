// The wire of interactions as the tests of its protocol write it.

import type { JsonObject } from '../../../src/base/json.ts';
import type { ChatEvent } from '../../../src/chat/events.ts';
import type { ChatRequest } from '../../../src/chat/request.ts';
import { PROTOCOLS } from '../../../src/protocols/list.ts';
import type { EncodedRequest } from '../../../src/protocols/protocol.ts';
import { decode, HINTS, QUIRKS } from '../streams.ts';

export const interactions = PROTOCOLS['gemini-interactions'];
export const MAKER = 'gemini-interactions';

export type Event = { readonly event_type: string } & Readonly<Record<string, unknown>>;

/** A stream of these events, each under its own name, and the mark that Google sends behind them. */
export function stream(...events: readonly Event[]): string {
  return `${unmarked(...events)}event: done\ndata: [DONE]\n\n`;
}

export function unmarked(...events: readonly Event[]): string {
  return events
    .map((event) => `event: ${event.event_type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join('');
}

export const created: Event = {
  event_type: 'interaction.created',
  interaction: { id: 'v1_7', model: 'gemini-x', status: 'in_progress' },
};
export const completed = (status = 'completed', more: object = {}): Event => ({
  event_type: 'interaction.completed',
  interaction: { id: 'v1_7', model: 'gemini-x', status, ...more },
});
export const start = (index: number, step: object): Event => ({
  event_type: 'step.start',
  index,
  step,
});
export const delta = (index: number, piece: object): Event => ({
  event_type: 'step.delta',
  index,
  delta: piece,
});
export const stop = (index: number): Event => ({ event_type: 'step.stop', index });
export const text = (words: string, more: object = {}): JsonObject => ({
  type: 'text',
  text: words,
  ...more,
});

/** The events of steps that come one after the other, each with its pieces. */
export function inTurn(
  ...steps: readonly (readonly [step: object, ...pieces: object[]])[]
): Event[] {
  return steps.flatMap(([step, ...pieces], i) => [
    start(i, step),
    ...pieces.map((piece) => delta(i, piece)),
    stop(i),
  ]);
}

export function read(...events: readonly Event[]): ChatEvent[] {
  return decode(interactions, stream(...events));
}

export function readWhole(body: object): ChatEvent[] {
  return interactions.decodeReply(body as JsonObject, QUIRKS);
}

/** A client's body, read. */
export function ask(body: object): ChatRequest {
  return interactions.decodeRequest({ model: 'm', input: 'hi', ...body });
}

const USER: ChatRequest['messages'] = [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }];

/** What a provider is asked for such a request. */
export function tell(request: Partial<ChatRequest>): EncodedRequest {
  const plain = { model: 'm', messages: USER, tools: [], stream: false, includeUsage: true };
  return interactions.encodeRequest({ ...plain, dropped: [], ...request }, HINTS);
}
