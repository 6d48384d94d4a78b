// Cerebras, https://inference-docs.cerebras.ai/resources/openai.

import type { Provider } from './provider.ts';

export const cerebras = Object.freeze<Provider>({
  id: 'cerebras',
  name: 'Cerebras',
  baseUrl: 'https://api.cerebras.ai/v1',
  protocols: ['openai-chat'],
  auth: 'bearer',
  keyCheckPath: '/models',
  quirks: {
    outputCapField: 'max_completion_tokens',
    streamUsageOption: true,
    reasoningField: 'reasoning',
    refusesPenalties: true,
  },
  headers: {},
  openCatalog: false,
  // https://www.cerebras.ai/privacy-policy
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['global'] },
});
