// The protocols of the runner: those that can be recorded, told by the path of a request, and those
// that clients ask in.

import type { Provider } from '../../src/providers/provider.ts';

/** The protocols that clients of the hub speak. */
export const CLIENTS = Object.freeze([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'gemini-interactions',
  'openai-completions',
] as const);

const LABELS = ['Chat', 'Responses', 'Messages', 'Gemini', 'Interactions', 'Completions'] as const;

export function labelOf(client: Client): string {
  return LABELS[CLIENTS.indexOf(client)]!;
}

export type Client = (typeof CLIENTS)[number];
/** The protocols that can be recorded. */
export type Wire = Client | 'bedrock-converse' | 'cohere-chat' | 'ollama-chat';

export function isClient(wire: Wire): wire is Client {
  return (CLIENTS as readonly Wire[]).includes(wire);
}

const PATHS: readonly (readonly [Wire, RegExp])[] = [
  ['openai-chat', /\/chat\/completions$/],
  ['openai-completions', /\/completions$/],
  ['openai-responses', /\/responses$/],
  ['anthropic-messages', /\/messages$/],
  ['gemini', /\/models\/[^/]+:(?:generateContent|streamGenerateContent)$/],
  ['gemini-interactions', /\/interactions$/],
  ['bedrock-converse', /^\/model\/[^/]+\/converse(?:-stream)?$/],
  ['cohere-chat', /^\/v2\/chat$/],
  ['ollama-chat', /^\/api\/chat$/],
];

/** Undefined for a path that the hub does not speak to a provider. */
export function wireOf(method: string, path: string): Wire | undefined {
  const plain = path.split('?')[0] ?? '';
  return method === 'POST' ? PATHS.find(([, shape]) => shape.test(plain))?.[0] : undefined;
}

/** One provider in one of its protocols. */
export interface Pair {
  readonly provider: Pick<Provider, 'id'>;
  readonly wire: Wire;
}

/** The id that the pair has in the hubs of the stage. */
export function pairId({ provider, wire }: Pair): string {
  return `replayed-${provider.id}-${wire}`;
}
