// Whose traffic was recorded, told by the folder's name. A provider that the hub does not know is
// replayed as the nearest one that it does.

import { PROVIDERS } from '../../src/providers/list.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { Wire } from './wires.ts';

/** Who stands for a provider that is not in the list. */
const NEAREST: Readonly<Record<Wire, string>> = {
  'openai-chat': 'vllm',
  'openai-completions': 'vllm',
  'openai-responses': 'openai',
  'anthropic-messages': 'anthropic',
  gemini: 'gemini',
  'gemini-interactions': 'gemini',
  'bedrock-converse': 'bedrock',
  'cohere-chat': 'cohere',
  'ollama-chat': 'ollama',
};

/** `folders`: from the file's own outwards. */
export function providerOf(folders: readonly string[], wire: Wire): Provider {
  const names = [...folders, NEAREST[wire]];
  const id = names.find((name) => PROVIDERS.some((provider) => provider.id === name));
  return PROVIDERS.find((provider) => provider.id === id)!;
}
