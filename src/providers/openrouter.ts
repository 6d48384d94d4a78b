// OpenRouter, https://openrouter.ai/docs/api-reference, which passes requests on to providers of its own
// choice: what becomes of them is what the worst of these does.

import type { Provider } from './provider.ts';

export const openrouter = Object.freeze<Provider>({
  id: 'openrouter',
  name: 'OpenRouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  protocols: ['openai-chat'],
  auth: 'bearer',
  keyCheckPath: '/key',
  quirks: {
    outputCapField: 'max_tokens',
    // Usage comes after every finish, unasked.
    streamUsageOption: false,
    reasoningField: 'reasoning_details',
  },
  headers: {},
  openCatalog: false,
  // https://openrouter.ai/docs/guides/privacy/logging
  dataPolicy: {
    trainsOnData: true,
    retentionDays: undefined,
    regions: ['global'],
  },
});
