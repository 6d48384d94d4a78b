// A vLLM server of the operator's own (any other OpenAI-compatible server fits here too).

import type { Provider } from './provider.ts';

export const vllm = Object.freeze<Provider>({
  id: 'vllm',
  name: 'vLLM',
  baseUrl: undefined,
  protocol: 'openai-chat',
  auth: 'none',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true },
  headers: {},
  openCatalog: true,
  endpoints: [
    'openai-embeddings',
    'openai-images',
    'openai-speech',
    'openai-transcriptions',
    'rerank',
  ],
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['self-hosted'] },
});
