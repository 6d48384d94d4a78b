// Groq, https://console.groq.com/docs/openai. Usage comes in three places of one stream.

import type { Provider } from './provider.ts';

export const groq = Object.freeze<Provider>({
  id: 'groq',
  name: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  protocols: ['openai-chat'],
  auth: 'bearer',
  keyCheckPath: '/models',
  quirks: {
    outputCapField: 'max_completion_tokens',
    streamUsageOption: true,
    reasoningField: 'reasoning',
  },
  headers: {},
  openCatalog: false,
  // https://console.groq.com/docs/your-data
  dataPolicy: { trainsOnData: false, retentionDays: 30, regions: ['global'] },
});
