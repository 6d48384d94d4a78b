// Ollama on a machine of the operator's own. Translated conversations are spoken in its own protocol;
// its end for Anthropic's clients is not used, for it has no count of tokens, which they ask for.

import type { Provider } from './provider.ts';

export const ollama = Object.freeze<Provider>({
  id: 'ollama',
  name: 'Ollama',
  baseUrl: undefined,
  basePath: '/',
  protocols: ['ollama-chat', 'openai-chat', 'openai-completions', 'openai-embeddings'],
  paths: {
    'openai-chat': '/v1/chat/completions',
    'openai-completions': '/v1/completions',
    'openai-embeddings': '/v1/embeddings',
  },
  auth: 'none',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true },
  headers: {},
  openCatalog: true,
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['self-hosted'] },
});
