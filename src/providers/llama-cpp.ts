// The server of llama.cpp on a machine of the operator's own,
// https://github.com/ggml-org/llama.cpp/tree/master/tools/server.

import type { Provider } from './provider.ts';

export const llamaCpp = Object.freeze<Provider>({
  id: 'llama-cpp',
  name: 'llama.cpp',
  baseUrl: undefined,
  protocols: ['openai-chat', 'anthropic-messages', 'openai-embeddings', 'rerank'],
  auth: 'none',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true },
  headers: { 'anthropic-version': '2023-06-01' },
  openCatalog: true,
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['self-hosted'] },
});
