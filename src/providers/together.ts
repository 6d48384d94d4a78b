// Together AI, https://docs.together.ai/docs/openai-api-compatibility.

import type { Provider } from './provider.ts';

export const together = Object.freeze<Provider>({
  id: 'together',
  name: 'Together AI',
  baseUrl: 'https://api.together.xyz/v1',
  protocols: ['openai-chat'],
  auth: 'bearer',
  keyCheckPath: '/models',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true, reasoningField: 'reasoning' },
  headers: {},
  openCatalog: false,
  // https://www.together.ai/privacy; what is kept is a setting of the account.
  dataPolicy: {
    trainsOnData: false,
    retentionDays: undefined,
    regions: ['us'],
  },
});
