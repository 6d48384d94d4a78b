// Anthropic's own API, https://docs.anthropic.com/en/api/messages.

import type { Provider } from './provider.ts';

export const anthropic = Object.freeze<Provider>({
  id: 'anthropic',
  name: 'Anthropic',
  baseUrl: 'https://api.anthropic.com/v1',
  protocols: ['anthropic-messages'],
  auth: 'x-api-key',
  keyCheckPath: '/models',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: false },
  // The version of requests that the hub makes itself; a client of the same protocol sends its own.
  headers: { 'anthropic-version': '2023-06-01' },
  openCatalog: false,
  dataPolicy: { trainsOnData: false, retentionDays: 30, regions: ['us'] },
});
