// What the stand-ins say in the suites of both SDKs: every token class of each protocol is non-zero
// somewhere, and no two counts are alike, so that no class can pass for another.

import { type Answer, type Upstream, answerJson } from '../support/upstream.ts';
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

export const TURNS: Readonly<Record<'chat' | 'messages' | 'gemini', Turns>> = {
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
  gemini: {
    text: {
      thinking: { text: 'Wetter … Köln … 🌧', signature: 'EqQBCkYIBxgCKkBb+/Zq==' },
      text: TEXT,
      spent: { uncached: 113, cacheRead: 239, text: 19, reasoning: 47 },
    },
    calls: { calls: CALLS, spent: { uncached: 337, text: 61 } },
  },
};

export const TOOL_SCHEMA = {
  type: 'object' as const,
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
};

/** A PNG of one pixel. */
export const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA' +
  'WjR9awAAAABJRU5ErkJggg==';

/** A provider's refusal in words that must not reach a client, with a wish for patience. */
export function refuseWith(status: number): Answer {
  return (response, asked) => {
    response.setHeader('retry-after', '7');
    return answerJson({ error: { message: 'overheard words', type: 'x' } }, status)(
      response,
      asked,
    );
  };
}

/** Id and text of the tool results in the newest request, in any protocol's form. */
export function resultsAt(provider: Upstream): unknown[] {
  const { messages, contents } = provider.asked.at(-1)?.body ?? {};
  if (contents !== undefined) return responsesIn(contents);
  return (messages as Record<string, unknown>[]).flatMap(({ role, content, tool_call_id: id }) => {
    if (role === 'tool') return [[id, content]];
    if (!Array.isArray(content)) return [];
    return (content as Record<string, unknown>[])
      .filter((part) => part['type'] === 'tool_result')
      .map((part) => [part['tool_use_id'], textOf(part['content'])]);
  });
}

function responsesIn(contents: unknown): unknown[] {
  type Response = { readonly id: unknown; readonly response: { readonly output: unknown } };
  const turns = contents as { parts: { functionResponse?: Response }[] }[];
  return turns
    .flatMap(({ parts }) => parts)
    .flatMap(({ functionResponse: answer }) =>
      answer ? [[answer.id, answer.response.output]] : [],
    );
}

function textOf(content: unknown): unknown {
  return Array.isArray(content) ? (content as { text: string }[])[0]?.text : content;
}
