// Cohere's own API, version 2, https://docs.cohere.com/reference/about.

import type { Provider } from './provider.ts';

export const cohere = Object.freeze<Provider>({
  id: 'cohere',
  name: 'Cohere',
  baseUrl: 'https://api.cohere.com/v2',
  protocols: ['cohere-chat'],
  auth: 'bearer',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: false },
  headers: {},
  openCatalog: false,
  // Unless the account of the operator opts out.
  dataPolicy: { trainsOnData: true, retentionDays: 30, regions: ['us'] },
});
