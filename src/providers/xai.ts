// xAI's Grok, https://docs.x.ai/docs/api-reference. It counts reasoning on top of the completion.

import type { Provider } from './provider.ts';

export const xai = Object.freeze<Provider>({
  id: 'xai',
  name: 'xAI',
  baseUrl: 'https://api.x.ai/v1',
  protocols: ['openai-chat', 'openai-responses'],
  auth: 'bearer',
  keyCheckPath: '/models',
  quirks: {
    outputCapField: 'max_completion_tokens',
    streamUsageOption: true,
    countsOnTop: true,
    refusesPenalties: true,
  },
  headers: {},
  openCatalog: false,
  // https://x.ai/legal/terms-of-service-enterprise
  dataPolicy: { trainsOnData: false, retentionDays: 30, regions: ['us'] },
});
