// LM Studio on a machine of the operator's own, https://lmstudio.ai/docs/developer/openai-compat.

import type { Provider } from './provider.ts';

export const lmStudio = Object.freeze<Provider>({
  id: 'lm-studio',
  name: 'LM Studio',
  baseUrl: undefined,
  protocols: ['openai-chat', 'anthropic-messages', 'openai-embeddings'],
  auth: 'none',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true, noTokenCounting: true },
  headers: { 'anthropic-version': '2023-06-01' },
  openCatalog: true,
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['self-hosted'] },
});
