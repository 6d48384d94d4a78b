// Ollama on a machine of the operator's own, by its OpenAI-compatible end.

import type { Provider } from './provider.ts';

export const ollama = Object.freeze<Provider>({
  id: 'ollama',
  name: 'Ollama',
  baseUrl: undefined,
  protocols: ['openai-chat', 'openai-embeddings'],
  auth: 'none',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true },
  headers: {},
  openCatalog: true,
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['self-hosted'] },
});
