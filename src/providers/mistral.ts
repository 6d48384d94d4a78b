// Mistral's own models, https://docs.mistral.ai/api. It checks bodies strictly: the order of roles, the
// form of call ids, and fields that it does not know.

import type { Provider } from './provider.ts';

export const mistral = Object.freeze<Provider>({
  id: 'mistral',
  name: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  protocols: ['openai-chat', 'openai-embeddings'],
  auth: 'bearer',
  keyCheckPath: '/models',
  quirks: {
    outputCapField: 'max_tokens',
    // Usage comes with every finish, unasked.
    streamUsageOption: false,
    seedField: 'random_seed',
    reasoningField: 'content_parts',
    nineCharacterIds: true,
    systemFirst: true,
    assistantAfterResults: true,
  },
  headers: {},
  openCatalog: false,
  // https://mistral.ai/terms
  dataPolicy: { trainsOnData: false, retentionDays: 30, regions: ['eu'] },
});
