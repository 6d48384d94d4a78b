// SambaNova Cloud, https://docs.sambanova.ai/docs/en/features/openai-compatibility.

import type { Provider } from './provider.ts';

export const sambanova = Object.freeze<Provider>({
  id: 'sambanova',
  name: 'SambaNova',
  baseUrl: 'https://api.sambanova.ai/v1',
  protocols: ['openai-chat'],
  auth: 'bearer',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true },
  headers: {},
  openCatalog: false,
  // https://sambanova.ai/privacy-policy
  dataPolicy: { trainsOnData: false, retentionDays: undefined, regions: ['global'] },
});
