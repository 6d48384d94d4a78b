// The providers of the matrix, one for each protocol: a stand-in that says any script in its own wire,
// whole or streamed as it is asked, and tells what it was asked.

import { bedrockOpening, speakBedrock } from '../clients/bedrock-turns.ts';
import { cohereOpening, ollamaOpening, speakCohere, speakOllama } from '../clients/other-turns.ts';
import { interactionOpening, speakInteractions } from '../clients/interactions-turns.ts';
import { responsesOpening, speakResponses } from '../clients/responses-turns.ts';
import {
  type Speaker,
  type Spent,
  type Turn,
  chatOpening,
  geminiOpening,
  messagesOpening,
  speakChat,
  speakGemini,
  speakMessages,
} from '../clients/turns.ts';
import type { World } from '../clients/world.ts';
import {
  type Answer,
  type Asked,
  type Upstream,
  answerJson,
  chatStream,
  messagesStream,
  startUpstream,
} from '../support/upstream.ts';
import {
  type Reader,
  readChat,
  readCohere,
  readConverse,
  readGemini,
  readInteractions,
  readMessages,
  readOllama,
  readResponses,
} from './told.ts';

/** A protocol as a provider speaks it. */
export interface Wire {
  readonly speak: Speaker;
  /** The beginning of a streamed answer: all of its text, and no end. */
  readonly opening: (turn: Turn) => readonly (string | Buffer)[];
  readonly streamType: string;
  /** What of the spent tokens the beginning of a stream tells; nothing where it is undefined. */
  readonly opened?: Spent;
  readonly read: Reader;
  /** What it thinks before calls of its own accord. */
  readonly plan?: string;
  /** What is told of thinking comes back as its signature, or as its text. */
  readonly remembers: 'signature' | 'text';
  /** It refuses to think in the middle of a turn whose thoughts did not come back. */
  readonly demandsThoughts?: true;
  /** Its calls have no ids. */
  readonly namesCallsAlone?: true;
}

export interface Provider {
  readonly title: string;
  /** As clients name it. */
  readonly model: string;
  readonly upstream: (world: World, others: Others) => Upstream;
  readonly wire: Wire;
  /** Another one, that it speaks at this path. */
  readonly also?: { readonly path: string; readonly wire: Wire };
  /** What each of its answers uses. */
  readonly spent: Spent;
  /** Its refusal, in its own form. */
  readonly refuse: (status: number, message: string) => object;
  readonly isFree?: true;
}

/** What it speaks to a request. */
export function wireFor({ wire, also }: Provider, { path }: Asked): Wire {
  return also?.path === path ? also.wire : wire;
}

export type Others = Readonly<Record<'deepinfra' | 'bedrock' | 'cohere' | 'ollama', Upstream>>;

export async function startOthers(): Promise<Others> {
  const [deepinfra, bedrock, cohere, ollama] = await Promise.all([
    startUpstream(),
    startUpstream(),
    startUpstream(),
    startUpstream(),
  ]);
  return { deepinfra, bedrock, cohere, ollama };
}

const SSE = 'text/event-stream';

const MESSAGES_SPENT = { uncached: 109, cacheRead: 251, written5m: 53, written1h: 31 };

const CHAT: Wire = {
  speak: speakChat,
  opening: (turn) => chatStream(...chatOpening(turn, 'qwen3')).slice(0, -1),
  streamType: SSE,
  read: readChat,
  remembers: 'text',
};

export const PROVIDERS: readonly Provider[] = [
  {
    title: 'Chat',
    model: 'deepinfra/deepseek-v4-pro',
    upstream: (_, { deepinfra }) => deepinfra,
    wire: CHAT,
    spent: { uncached: 211, cacheRead: 128, text: 23, reasoning: 41 },
    refuse: (status, message) => ({ error: { message, type: 'x', param: null, code: status } }),
  },
  {
    title: 'Responses',
    model: 'openai/gpt-5.3-codex',
    upstream: ({ openai }) => openai,
    wire: {
      speak: speakResponses,
      opening: (turn) => messagesStream(...responsesOpening(turn, 'gpt-5.3-codex')),
      streamType: SSE,
      read: readResponses,
      remembers: 'signature',
    },
    spent: { uncached: 227, cacheRead: 131, text: 21, reasoning: 43 },
    refuse: (_, message) => ({ error: { message, type: 'x', param: null, code: null } }),
  },
  {
    title: 'Messages',
    model: 'anthropic/claude-sonnet-4-6',
    upstream: ({ anthropic }) => anthropic,
    wire: {
      speak: speakMessages,
      opening: (turn) => messagesStream(...messagesOpening(turn, 'claude-sonnet-4-6')),
      streamType: SSE,
      opened: { ...MESSAGES_SPENT, text: 1 },
      read: readMessages,
      remembers: 'signature',
    },
    spent: { ...MESSAGES_SPENT, text: 29, reasoning: 17 },
    refuse: (_, message) => ({ type: 'error', error: { type: 'x', message }, request_id: 'r' }),
  },
  {
    title: 'Gemini',
    model: 'gemini/gemini-3.8-flash',
    upstream: ({ gemini }) => gemini,
    wire: {
      speak: speakGemini,
      opening: (turn) => geminiOpening(turn, 'gemini-3.8-flash'),
      streamType: SSE,
      opened: { uncached: 1, text: 0 },
      read: readGemini,
      remembers: 'signature',
    },
    also: {
      path: '/v1/interactions',
      wire: {
        speak: speakInteractions,
        opening: (turn) => interactionOpening(turn, 'gemini-3.8-flash'),
        streamType: SSE,
        read: readInteractions,
        remembers: 'signature',
      },
    },
    spent: { uncached: 113, cacheRead: 239, text: 19, reasoning: 47 },
    refuse: (code, message) => ({ error: { code, message, status: 'X' } }),
  },
  {
    title: 'Bedrock',
    model: 'bedrock/claude-sonnet-4-5',
    upstream: (_, { bedrock }) => bedrock,
    wire: {
      speak: speakBedrock,
      opening: bedrockOpening,
      streamType: 'application/vnd.amazon.eventstream',
      read: readConverse,
      remembers: 'signature',
      demandsThoughts: true,
    },
    spent: { uncached: 107, cacheRead: 241, written5m: 59, text: 37 },
    refuse: (_, message) => ({ message }),
  },
  {
    title: 'Cohere',
    model: 'cohere/command-a',
    upstream: (_, { cohere }) => cohere,
    wire: {
      speak: speakCohere,
      opening: (turn) => messagesStream(...cohereOpening(turn)),
      streamType: SSE,
      read: readCohere,
      plan: 'I will look.',
      remembers: 'text',
    },
    spent: { uncached: 39, text: 27 },
    refuse: (_, message) => ({ message }),
  },
  {
    title: 'Ollama',
    model: 'ollama/qwen3',
    upstream: (_, { ollama }) => ollama,
    wire: {
      speak: speakOllama,
      opening: (turn) => ollamaOpening(turn, 'qwen3'),
      streamType: 'application/x-ndjson',
      read: readOllama,
      remembers: 'text',
      namesCallsAlone: true,
    },
    also: { path: '/v1/chat/completions', wire: CHAT },
    spent: { uncached: 51, cacheRead: 12, text: 13 },
    refuse: (_, message) => ({ error: message }),
    isFree: true,
  },
];

/** Says this, in whatever it is asked in. */
export function saying(provider: Provider, script: Omit<Turn, 'spent'>): Answer {
  return (response, asked) =>
    wireFor(provider, asked).speak({ ...script, spent: provider.spent })(response, asked);
}

/** Says its refusal and, where it wants patience, for how long. */
export function refusing({ refuse }: Provider, status: number): Answer {
  return (response, asked) => {
    if (status === 429) response.setHeader('retry-after', '7');
    return answerJson(refuse(status, 'overheard words'), status)(response, asked);
  };
}

/** Says all of the text and then nothing more. */
export function unfinished(provider: Provider, text: string): Answer {
  return async (response, asked) => {
    const { opening, streamType } = wireFor(provider, asked);
    response.writeHead(200, { 'content-type': streamType });
    for (const piece of opening({ text, spent: provider.spent })) response.write(piece);
    await asked.cancelled;
  };
}
