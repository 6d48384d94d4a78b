// Voyage AI's own API, https://docs.voyageai.com/reference/reranker-api.

import type { Provider } from './provider.ts';

export const voyage = Object.freeze<Provider>({
  id: 'voyage',
  name: 'Voyage AI',
  baseUrl: 'https://api.voyageai.com/v1',
  protocols: ['voyage-rerank'],
  auth: 'bearer',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: false },
  headers: {},
  openCatalog: false,
  // Unless the account of the operator opts out.
  dataPolicy: { trainsOnData: true, retentionDays: 30, regions: ['us'] },
});
