// Nebius Token Factory, https://docs.tokenfactory.nebius.com.

import type { Provider } from './provider.ts';

export const nebius = Object.freeze<Provider>({
  id: 'nebius',
  name: 'Nebius',
  baseUrl: 'https://api.tokenfactory.nebius.com/v1',
  protocols: ['openai-chat'],
  auth: 'bearer',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true },
  headers: {},
  openCatalog: false,
  // https://docs.tokenfactory.nebius.com/legal; drafts for faster decoding may be trained.
  dataPolicy: {
    trainsOnData: true,
    retentionDays: undefined,
    regions: ['eu', 'us'],
  },
});
