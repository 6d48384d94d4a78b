// A vLLM server of the operator's own (any other OpenAI-compatible server fits here too).

import type { Provider } from './provider.ts';

export const vllm = Object.freeze<Provider>({
  id: 'vllm',
  name: 'vLLM',
  baseUrl: undefined,
  protocols: [
    'openai-chat',
    'openai-completions',
    'anthropic-messages',
    'openai-embeddings',
    'openai-images',
    'openai-image-edits',
    'openai-image-variations',
    'openai-speech',
    'openai-transcriptions',
    'openai-translations',
    'rerank',
  ],
  auth: 'none',
  // Its older versions do not count tokens.
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true, noTokenCounting: true },
  headers: { 'anthropic-version': '2023-06-01' },
  openCatalog: true,
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['self-hosted'] },
});
