// Cohere's own API, https://docs.cohere.com/v2/reference/chat.

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
  // Unless the account has opted out.
  dataPolicy: { trainsOnData: true, retentionDays: 30, regions: ['us'] },
});
