// DeepInfra, https://deepinfra.com/docs/openai_api. Comments in its streams keep them alive.

import type { Provider } from './provider.ts';

export const deepinfra = Object.freeze<Provider>({
  id: 'deepinfra',
  name: 'DeepInfra',
  baseUrl: 'https://api.deepinfra.com/v1/openai',
  protocols: ['openai-chat'],
  auth: 'bearer',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true },
  headers: {},
  openCatalog: false,
  // https://deepinfra.com/docs/data
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['us'] },
});
