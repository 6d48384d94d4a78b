// Fireworks AI, https://docs.fireworks.ai/tools-sdks/openai-compatibility.

import type { Provider } from './provider.ts';

export const fireworks = Object.freeze<Provider>({
  id: 'fireworks',
  name: 'Fireworks AI',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  protocols: ['openai-chat'],
  auth: 'bearer',
  quirks: { outputCapField: 'max_tokens', streamUsageOption: true },
  headers: {},
  openCatalog: false,
  // https://docs.fireworks.ai/guides/security_compliance/data_handling
  dataPolicy: { trainsOnData: false, retentionDays: 0, regions: ['global'] },
});
