// A vLLM server of the operator's own (any other OpenAI-compatible server fits here too).

import type { Provider } from './provider.ts';

export const vllm = Object.freeze<Provider>({
  id: 'vllm',
  name: 'vLLM',
  baseUrl: undefined,
  protocols: [
    'openai-chat',
    'openai-completions',
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
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true },
  headers: {},
  openCatalog: true,
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['self-hosted'] },
});
